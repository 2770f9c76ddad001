"""Routes: where a call goes, what the script needs to know of it, and what is refused."""

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from deploy.envoy.methods import Binding, Method

LUA = "envoy.filters.http.lua"
FILTER_CONFIG = "type.googleapis.com/envoy.config.route.v3.FilterConfig"
TRANSCODER = "envoy.filters.http.grpc_json_transcoder"
UNTRANSCODED = {TRANSCODER: {"@type": FILTER_CONFIG, "disabled": True}}
STREAMS = "-streams"
STILL = "120s"  # services ping every 15 seconds, and let go of who takes nothing for 60
UNNAMED = "-"  # what the access log shows instead of a path
#: In which dialect the paths are told to be absent; the first that fits says it.
DIALECT_BELOW = {
    "/api/v1/events": "ILERT",
    "/api/v1/heartbeats": "ILERT",
    "/api/v1": "TTYOPS",
    "/opsgenie": "OPSGENIE",
    "/v2/enqueue": "PAGERDUTY",
    "/v2": "INCIDENT_IO",
}
# The route's own timeout is only the backstop of the deadline that the service sees.
BACKSTOP_MS = 250

Tree: TypeAlias = dict[str, object]


def rpc_route(method: Method, retry_policy: Tree) -> Tree:
    """Carries native calls, and REST calls once the transcoder has made RPCs of them."""
    route = _to_cluster(method)
    if not method.streaming:
        route["timeout"] = f"{(method.timeout_ms + BACKSTOP_MS) / 1000:g}s"
    if method.idempotent:
        route["retry_policy"] = retry_policy
    made: Tree = {
        "name": method.full_name,
        "match": {"path": f"/{method.full_name}"},
        "route": route,
        "metadata": _for_lua(
            success=method.success,
            unwrap=method.unwrap,
            empty_is_no_content=method.empty_is_no_content,
            dialect=method.dialect,
            only_included=list(method.only_included),
            **_names(method),
        ),
    }
    if not method.streaming:
        deadline = {"key": "grpc-timeout", "value": f"{method.timeout_ms}m"}
        made["request_headers_to_add"] = [{"header": deadline, "append_action": "ADD_IF_ABSENT"}]
    return made


def _to_cluster(method: Method) -> Tree:
    """A stream may be silent for long, and ends when its service or its reader ends it.

    One with a REST form, server-sent events, is never silent: through it nothing moves only
    when its reader has long taken nothing. Only a reset gives back what waits for that reader.

    Streams have connections of their own, which keeps them apart in the statistics: whoever
    waits for calls to finish does not wait for streams.
    """
    if not method.streaming:
        return {"cluster": method.cluster}
    idle = STILL if method.bindings else "0s"
    return {"cluster": method.cluster + STREAMS, "timeout": "0s", "idle_timeout": idle}


def rest_routes(methods: Iterable[Method], lenient: Tree) -> Iterator[Tree]:
    """What the filters see of a REST call before it is an RPC; then what is wrong with the rest."""
    found = [(binding, method) for method in methods for binding in method.bindings]
    found.sort(key=lambda pair: (pair[0].vagueness, pair[0].template, pair[0].verb))
    for binding, method in found:
        yield _rest_route(binding, method, lenient)
    for template in dict.fromkeys(binding.template for binding, _ in found):
        yield _refusal(template, found)


def _rest_route(binding: Binding, method: Method, lenient: Tree) -> Tree:
    verb = {"name": ":method", "string_match": {"exact": binding.verb}}
    made: Tree = {
        "name": method.full_name,
        "match": {"safe_regex": {"regex": binding.regex}, "headers": [verb]},
        "route": _to_cluster(method),
        "metadata": _for_lua(
            rest=True,
            any_media_type=method.any_media_type,
            words=list(method.words) if binding.body else [],
            dialect=method.dialect,
            wall_times=dict(method.wall_times) if binding.body else {},
            **_names(method),
        ),
    }
    if method.lenient_query:
        made["typed_per_filter_config"] = {TRANSCODER: lenient}
    return made


def _refusal(template: str, found: Iterable[tuple[Binding, Method]]) -> Tree:
    """405 for a known path; a template is itself a path that its own regex matches."""
    same = [pair for pair in found if re.fullmatch(pair[0].regex, template)]
    allow = {"key": "allow", "value": ", ".join(sorted({binding.verb for binding, _ in same}))}
    binding, method = next(pair for pair in same if pair[0].template == template)
    return {
        "name": UNNAMED,
        "match": {"safe_regex": {"regex": binding.regex}},
        "direct_response": {"status": 405},
        "metadata": _for_lua(dialect=method.dialect),
        "response_headers_to_add": [{"header": allow}],
        "typed_per_filter_config": UNTRANSCODED,
    }


def absences() -> Iterator[Tree]:
    """404 for everything else."""
    absent: Tree = {"name": UNNAMED, "direct_response": {"status": 404}}
    for path, dialect in DIALECT_BELOW.items():
        match = {"path_separated_prefix": path}
        yield {**absent, "match": match, "metadata": _for_lua(dialect=dialect)}
    yield {**absent, "match": {"prefix": "/"}}


def dialects() -> str:
    """What the script says in when Envoy refuses a request before it looks for a route."""
    pairs = (f'{{ "{path}", "{dialect}" }},' for path, dialect in DIALECT_BELOW.items())
    return f"local DIALECT_BELOW = {{ {' '.join(pairs)} }}"


def _for_lua(**hints: object) -> Tree:
    return {"filter_metadata": {LUA: {name: hint for name, hint in hints.items() if hint}}}


def _names(method: Method) -> Tree:
    """What edge.lua needs to tell an error about a field in the caller's words."""
    bodies = {binding.body for binding in method.bindings} - {"", "*"}
    return {"fields": dict(method.json_names), "body": "".join(bodies)}

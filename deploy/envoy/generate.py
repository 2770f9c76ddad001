"""Renders Envoy's configuration from the protos' options and one template.

    python -m deploy.envoy.generate --cluster ingest=127.0.0.1:7001 --cluster alertstate=...

A service whose cluster is not given has no route and is unknown to the transcoder.
"""

import argparse
import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeAlias

import yaml

from deploy.envoy import documents
from deploy.envoy.methods import Binding, Method, Protos

HERE = Path(__file__).parent
#: What Envoy runs on requests and replies: one script, in this order.
LUA_FILES = ("json.lua", "errors.lua", "dialects.lua", "edge.lua")
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
LUA = "envoy.filters.http.lua"
FILTER_CONFIG = "type.googleapis.com/envoy.config.route.v3.FilterConfig"
TRANSCODER = "envoy.filters.http.grpc_json_transcoder"
UNTRANSCODED = {TRANSCODER: {"@type": FILTER_CONFIG, "disabled": True}}
DOCUMENT = "openapi.json"  # beside the descriptors: of the same protos
CLUSTERS = ("ingest", "alertstate", "escalation", "notification")
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


@dataclass(frozen=True)
class Endpoint:
    """Where something listens; `strict_dns` follows all addresses of the name."""

    host: str
    port: int
    strict_dns: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `host:port`; a host that is no address is followed through DNS."""
        host, _, port = text.rpartition(":")
        try:
            ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            return cls(host, int(port), strict_dns=True)
        return cls(host.strip("[]"), int(port))


@dataclass(frozen=True)
class Edge:
    """What differs between one deployment of the edge and another."""

    http_host: str
    http_port: int
    admin: Endpoint | Path
    descriptor_path: Path
    clusters: Mapping[str, Endpoint]
    #: Calls that one address may make; beyond it, the edge itself refuses.
    calls_per_minute: int = 60_000
    #: Proxies before the edge whose word for the caller's address is believed.
    trusted_hops: int = 0


def render(descriptor_set: bytes, edge: Edge) -> str:
    """Envoy's configuration as YAML; raises BadOptions for protos that it could not serve."""
    if unknown := edge.clusters.keys() - set(CLUSTERS):
        raise ValueError(f"no such service: {', '.join(sorted(unknown))}")
    methods = [m for m in Protos(descriptor_set).methods() if m.cluster in edge.clusters]
    template = yaml.safe_load((HERE / "envoy.tmpl.yaml").read_text())
    parts = template.pop("parts")
    services = sorted({method.service for method in methods})
    transcoder: Tree = _fill(
        parts["transcoder"], {"descriptor": str(edge.descriptor_path), "services": services}
    )
    rpc = [_rpc_route(method, parts["retry_policy"]) for method in methods]
    rest = _rest_routes(methods, _lenient(transcoder))
    document = edge.descriptor_path.with_name(DOCUMENT)
    values = {
        "admin": _address(edge.admin),
        "listen": _address(Endpoint(edge.http_host, edge.http_port)),
        "lua": "\n".join((_dialects(), *((HERE / name).read_text() for name in LUA_FILES))),
        "calls_per_minute": edge.calls_per_minute,
        "trusted_hops": edge.trusted_hops,
        "healthy": {name: {"value": 1} for name in edge.clusters},
        "transcoder": transcoder,
        "routes": [*rpc, *rest, *documents.routes(document, UNTRANSCODED), *_absences()],
        "clusters": [
            _cluster(parts["cluster"], name, edge.clusters[base])
            for name, base in _clusters(methods, edge.clusters)
        ],
    }
    return yaml.dump(_fill(template, values), Dumper=_Plain, sort_keys=False, width=120)


class _Plain(yaml.SafeDumper):
    """Writes a part that is used twice twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _fill(node: Any, values: Mapping[str, object]) -> Any:
    """The node with every `${name}` replaced by its value; an unknown name is a KeyError."""
    match node:
        case dict():
            return {key: _fill(value, values) for key, value in node.items()}
        case list():
            return [_fill(value, values) for value in node]
        case str() if found := PLACEHOLDER.fullmatch(node):
            return values[found[1]]
    return node


def _address(place: Endpoint | Path) -> Tree:
    match place:
        case Endpoint(host, port):
            return {"socket_address": {"address": host, "port_value": port}}
    return {"pipe": {"path": str(place), "mode": 0o600}}


def _cluster(part: Tree, name: str, endpoint: Endpoint) -> object:
    kind = "STRICT_DNS" if endpoint.strict_dns else "STATIC"
    return _fill(part, {"name": name, "type": kind, "address": _address(endpoint)})


def _lenient(transcoder: Tree) -> Tree:
    validation = transcoder["request_validation_options"]
    assert isinstance(validation, dict)
    return {
        **transcoder,
        "ignore_unknown_query_parameters": True,
        "request_validation_options": {**validation, "reject_unknown_query_parameters": False},
    }


def _rpc_route(method: Method, retry_policy: Tree) -> Tree:
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


def _clusters(methods: Iterable[Method], known: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The clusters, each with the service that it leads to."""
    streaming = {method.cluster for method in methods if method.streaming}
    for name in known:
        yield name, name
        if name in streaming:
            yield name + STREAMS, name


def _rest_routes(methods: Iterable[Method], lenient: Tree) -> Iterator[Tree]:
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


def _absences() -> Iterator[Tree]:
    """404 for everything else."""
    absent: Tree = {"name": UNNAMED, "direct_response": {"status": 404}}
    for path, dialect in DIALECT_BELOW.items():
        match = {"path_separated_prefix": path}
        yield {**absent, "match": match, "metadata": _for_lua(dialect=dialect)}
    yield {**absent, "match": {"prefix": "/"}}


def _dialects() -> str:
    """What the script says in when Envoy refuses a request before it looks for a route."""
    pairs = (f'{{ "{path}", "{dialect}" }},' for path, dialect in DIALECT_BELOW.items())
    return f"local DIALECT_BELOW = {{ {' '.join(pairs)} }}"


def _for_lua(**hints: object) -> Tree:
    return {"filter_metadata": {LUA: {name: hint for name, hint in hints.items() if hint}}}


def _names(method: Method) -> Tree:
    """What edge.lua needs to tell an error about a field in the caller's words."""
    bodies = {binding.body for binding in method.bindings} - {"", "*"}
    return {"fields": dict(method.json_names), "body": "".join(bodies)}


def main() -> None:
    """Prints the configuration."""
    options = argparse.ArgumentParser(prog="deploy.envoy.generate", description=main.__doc__)
    options.add_argument("--listen", type=Endpoint.parse, default="0.0.0.0:8080")
    options.add_argument("--admin", type=_admin, default="127.0.0.1:9901", help="or unix:PATH")
    options.add_argument("--descriptors", type=Path, default=Path("gen/tocsin.binpb"))
    options.add_argument(
        "--cluster", type=_named, action="append", required=True, metavar="NAME=HOST:PORT"
    )
    options.add_argument("--calls-per-minute", type=int, default=Edge.calls_per_minute)
    options.add_argument("--trusted-hops", type=int, default=Edge.trusted_hops)
    given = options.parse_args()
    edge = Edge(
        http_host=given.listen.host,
        http_port=given.listen.port,
        admin=given.admin,
        descriptor_path=given.descriptors,
        clusters=dict(given.cluster),
        calls_per_minute=given.calls_per_minute,
        trusted_hops=given.trusted_hops,
    )
    print(render(given.descriptors.read_bytes(), edge), end="")


def _admin(text: str) -> Endpoint | Path:
    path = text.removeprefix("unix:")
    return Endpoint.parse(text) if path == text else Path(path)


def _named(text: str) -> tuple[str, Endpoint]:
    name, _, place = text.partition("=")
    return name, Endpoint.parse(place)


if __name__ == "__main__":
    main()

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
from typing import Any, Self

import yaml

from deploy.envoy import documents
from deploy.envoy.methods import Method, Protos
from deploy.envoy.routes import (
    STREAMS,
    UNTRANSCODED,
    Tree,
    absences,
    dialects,
    rest_routes,
    rpc_route,
)

HERE = Path(__file__).parent
#: What Envoy runs on requests and replies: one script, in this order.
LUA_FILES = ("json.lua", "errors.lua", "dialects.lua", "pages.lua", "edge.lua")
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
DOCUMENT = "openapi.json"  # beside the descriptors: of the same protos
CLUSTERS = ("ingest", "alertstate", "escalation", "notification")


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
    rpc = [rpc_route(method, parts["retry_policy"]) for method in methods]
    rest = rest_routes(methods, _lenient(transcoder))
    document = edge.descriptor_path.with_name(DOCUMENT)
    values = {
        "admin": _address(edge.admin),
        "listen": _address(Endpoint(edge.http_host, edge.http_port)),
        "lua": "\n".join((dialects(), *((HERE / name).read_text() for name in LUA_FILES))),
        "calls_per_minute": edge.calls_per_minute,
        "trusted_hops": edge.trusted_hops,
        "healthy": {name: {"value": 1} for name in edge.clusters},
        "transcoder": transcoder,
        "routes": [*rpc, *rest, *documents.routes(document, UNTRANSCODED), *absences()],
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


def _clusters(methods: Iterable[Method], known: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The clusters, each with the service that it leads to."""
    streaming = {method.cluster for method in methods if method.streaming}
    for name in known:
        yield name, name
        if name in streaming:
            yield name + STREAMS, name


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

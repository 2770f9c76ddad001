"""What the generator makes of the protos, and what it refuses. Envoy itself is asked in e2e."""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.api import annotations_pb2
from google.protobuf import descriptor_pb2

from deploy.envoy import generate
from deploy.envoy.generate import Edge, Endpoint, render
from deploy.envoy.methods import BadOptions
from deploy.envoy.routes import LUA
from tocsin.edge.v1 import options_pb2

ROOT = Path(__file__).parents[2]
DESCRIPTORS = ROOT / "gen/tocsin.binpb"
EVERYWHERE = {
    name: Endpoint("127.0.0.1", 7000 + number) for number, name in enumerate(generate.CLUSTERS)
}
TRANSCODER = "envoy.filters.http.grpc_json_transcoder"
Change = Callable[[descriptor_pb2.MethodDescriptorProto], None]


def rendered(
    clusters: Mapping[str, Endpoint] = EVERYWHERE,
    *,
    descriptors: bytes | None = None,
    admin: Endpoint | Path = Path("admin.sock"),
) -> Any:
    edge = Edge("0.0.0.0", 8080, admin, DESCRIPTORS, clusters)
    return yaml.safe_load(render(descriptors or DESCRIPTORS.read_bytes(), edge))


def manager(config: Any) -> Any:
    chain = config["static_resources"]["listeners"][0]["filter_chains"][0]
    return chain["filters"][0]["typed_config"]


def routes(config: Any) -> list[Any]:
    [host] = manager(config)["route_config"]["virtual_hosts"]
    found: list[Any] = host["routes"]
    return found


def services(config: Any) -> list[str]:
    [transcoder] = [one for one in manager(config)["http_filters"] if one["name"] == TRANSCODER]
    found: list[str] = transcoder["typed_config"]["services"]
    return found


def rpcs() -> set[str]:
    files = descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS.read_bytes()).file
    return {
        f"{file.package}.{service.name}/{method.name}"
        for file in files
        for service in file.service
        for method in service.method
    }


def test_every_public_rpc_has_a_route_and_no_internal_one_has() -> None:
    config = rendered()

    exact = {route["match"]["path"] for route in routes(config) if "path" in route["match"]}
    assert exact == {f"/{rpc}" for rpc in rpcs() if ".internal." not in rpc}
    assert len(exact) > 20
    assert {path[1:].partition("/")[0] for path in exact} == set(services(config))
    assert ".internal." not in yaml.dump(config)


def test_what_is_left_out_while_it_is_empty_is_named_by_the_protos() -> None:
    named = {
        route["name"].partition("/")[2]: route["metadata"]["filter_metadata"][LUA]
        for route in routes(rendered())
        if "path" in route["match"]
    }

    # Of the policy's teams and schedules.
    layers = ["restrictions", "rotations", "scheduleLayers", "shifts"]
    layers += ["currentShifts", "nextShifts"]
    alerts = sorted(["escalationRules", "members", "teamIds", "webhooks", *layers])
    assert named["GetAlert"]["only_included"] == alerts
    assert named["ListAlerts"]["only_included"] == alerts
    assert named["ListLogEntries"]["only_included"] == ["vars"]
    assert named["ListSchedules"]["only_included"] == sorted(["members", *layers])
    assert "only_included" not in named["GetTeam"]  # their members are their own
    assert "only_included" not in named["ListTeams"]
    assert "only_included" not in named["ListComments"]


def test_where_times_without_a_zone_belong_is_named_by_the_protos() -> None:
    hinted = [route for route in routes(rendered()) if "metadata" in route]
    found = {
        route["name"].partition("/")[2]: hints["wall_times"]
        for route in hinted
        if "wall_times" in (hints := route["metadata"]["filter_metadata"].get(LUA, {}))
    }

    walls = {"start": "startsOn", "end": "endsOn"}
    told = ("CreateSchedule", "UpdateSchedule", "AddOverride", "UpdateOverride")
    assert found == dict.fromkeys(told, walls)


def test_what_no_route_matches_reaches_no_service() -> None:
    *_, enqueue, below_v2, last = routes(rendered())

    assert last["match"] == {"prefix": "/"}
    assert enqueue["match"] == {"path_separated_prefix": "/v2/enqueue"}
    assert below_v2["match"] == {"path_separated_prefix": "/v2"}
    assert dialects([enqueue, below_v2]) == ["PAGERDUTY", "INCIDENT_IO"]
    for route in (enqueue, below_v2, last):
        assert route["direct_response"] == {"status": 404}


def test_every_route_of_a_method_knows_its_dialect() -> None:
    door = "tocsin.ingest.v1.IncidentIoService/CreateHttpAlertEvent"
    path = "/v2/alert_events/http/01J"
    matching = [
        route
        for route in routes(rendered())
        if route["name"] == door
        or re.fullmatch(route["match"].get("safe_regex", {}).get("regex", ""), path)
    ]

    assert dialects(matching) == ["INCIDENT_IO"] * 3  # as an RPC, as a path, with a wrong method


def dialects(some: list[Any]) -> list[str]:
    lua = "envoy.filters.http.lua"
    return [route["metadata"]["filter_metadata"][lua]["dialect"] for route in some]


def test_the_script_is_part_of_the_configuration() -> None:
    filters = {one["name"]: one["typed_config"] for one in manager(rendered())["http_filters"]}

    script = filters["envoy.filters.http.lua"]["default_source_code"]["inline_string"]
    functions = ("decode", "explain", "fail")
    places = [script.index(f"local function {name}(") for name in functions]
    assert places == sorted(places)  # what is used must stand before


def test_a_token_leaves_the_query_before_anything_else_sees_it() -> None:
    names = [one["name"] for one in manager(rendered())["http_filters"]]

    assert names.index("envoy.filters.http.header_mutation") == 1  # after the health check


def test_a_service_without_a_cluster_is_left_out() -> None:
    config = rendered({"ingest": Endpoint("ingest", 50051, strict_dns=True)})

    found = services(config)
    assert {"tocsin.ingest.v1.AlertSourceService", "tocsin.ingest.v1.EventService"} <= {*found}
    assert [name for name in found if not name.startswith("tocsin.ingest.v1.")] == []
    assert {route["route"]["cluster"] for route in routes(config) if "route" in route} == {
        "ingest",
        "ingest-streams",
    }
    assert {one["type"] for one in config["static_resources"]["clusters"]} == {"STRICT_DNS"}


def test_streams_have_connections_of_their_own() -> None:
    clusters = {one["name"]: one for one in rendered()["static_resources"]["clusters"]}

    assert [*clusters] == [
        "ingest",
        "ingest-streams",
        "alertstate",
        "alertstate-streams",
        "escalation",
        "escalation-streams",
        "notification",
    ]
    places = [
        clusters[name]["load_assignment"]["endpoints"]
        for name in ("alertstate", "alertstate-streams")
    ]
    assert places[0] == places[1]


def test_a_connection_has_room_for_all_that_its_streams_may_hold() -> None:
    """Or readers that stop reading would stop those that share it."""
    for one in rendered()["static_resources"]["clusters"]:
        (protocol,) = one["typed_extension_protocol_options"].values()
        options = protocol["explicit_http_config"]["http2_protocol_options"]
        most = options["max_concurrent_streams"] * options["initial_stream_window_size"]

        assert options["initial_connection_window_size"] >= most


def test_an_unknown_cluster_is_refused() -> None:
    with pytest.raises(ValueError, match="no such service: calendar"):
        rendered({"calendar": Endpoint("127.0.0.1", 1)})


def test_a_literal_segment_wins_over_a_variable() -> None:
    names = [route["name"] for route in routes(rendered()) if "safe_regex" in route["match"]]

    service = "tocsin.escalation.v1.UserService"
    assert names.index(f"{service}/GetCurrentUser") < names.index(f"{service}/GetUser")


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/api/alerts", "GET, POST"),
        ("/api/alerts/7/accept/", "PUT"),
        ("/api/users", "GET, POST"),
        ("/api/users/7/contacts/8", "DELETE, GET, PUT"),
    ],
)
def test_a_path_knows_its_methods(path: str, allow: str) -> None:
    refusing = [route for route in routes(rendered()) if "response_headers_to_add" in route]
    told = [
        route["response_headers_to_add"][0]["header"]["value"]
        for route in refusing
        if re.fullmatch(route["match"]["safe_regex"]["regex"], path)
    ]

    assert told == [allow]


def hinted(route: Any) -> dict[str, Any]:
    found: dict[str, Any] = route.get("metadata", {}).get("filter_metadata", {}).get(LUA, {})
    return found


def test_a_cookie_counts_for_pages_and_for_the_stream_that_they_watch() -> None:
    counting = {route["name"] for route in routes(rendered()) if hinted(route).get("cookie")}

    pages = "tocsin.notification.v1.PageService"
    shown = ("ShowAlerts", "ShowAlert", "ChangeAlert", "ShowOnCall")
    signing = ("ShowSignIn", "SignIn", "SignOut")
    assert counting == {
        "tocsin.alertstate.v1.AlertWatchService/StreamAlerts",
        *(f"{pages}/{name}" for name in (*shown, *signing)),
    }


def test_pages_are_where_nothing_else_is() -> None:
    found = [route for route in routes(rendered()) if "safe_regex" in route["match"]]
    places = ("/", "/m/x", "/alerts/7", "/on-call", "/sign-in", "/sign-out", "/static/x")
    for place in places:
        there = [r for r in found if re.fullmatch(r["match"]["safe_regex"]["regex"], place)]
        assert {hinted(route)["dialect"] for route in there} == {"PAGE"}, place


def test_only_lenient_methods_ignore_unknown_parameters() -> None:
    lenient = {
        route["name"]
        for route in routes(rendered())
        if TRANSCODER in route.get("typed_per_filter_config", {}) and "route" in route
    }

    assert "tocsin.alertstate.v1.AlertService/ListAlerts" in lenient
    assert "tocsin.escalation.v1.TokenService/ListTokens" not in lenient


def test_only_idempotent_methods_are_retried() -> None:
    retried = {
        route["name"] for route in routes(rendered()) if "retry_policy" in route.get("route", {})
    }

    assert "tocsin.alertstate.v1.AlertService/GetAlert" in retried
    assert "tocsin.ingest.v1.EventService/PostEvent" not in retried


def test_a_stream_is_cut_off_only_when_nothing_moves_that_must() -> None:
    def found(name: str) -> list[Any]:
        full_name = f"tocsin.alertstate.v1.AlertWatchService/{name}"
        return [route["route"] for route in routes(rendered()) if route["name"] == full_name]

    endless = {"cluster": "alertstate-streams", "timeout": "0s", "idle_timeout": "0s"}
    pinged = endless | {"idle_timeout": "120s"}
    assert found("WatchAlerts") == [endless]
    assert found("StreamAlerts") == [pinged, pinged]  # as an RPC, and as a path


@pytest.mark.parametrize(
    ("admin", "address"),
    [
        (Path("run/admin.sock"), {"pipe": {"path": "run/admin.sock", "mode": 0o600}}),
        (
            Endpoint("127.0.0.1", 9901),
            {"socket_address": {"address": "127.0.0.1", "port_value": 9901}},
        ),
    ],
)
def test_the_admin_listens_on_a_socket_or_a_port(admin: Endpoint | Path, address: object) -> None:
    assert rendered(admin=admin)["admin"] == {"address": address}


def test_the_command_prints_what_render_returns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--listen", "0.0.0.0:8080", "--admin", "unix:admin.sock"]
    cluster = ["--cluster", "ingest=ingest:50051", "--descriptors", str(DESCRIPTORS)]
    monkeypatch.setattr(sys, "argv", ["generate", *options, *cluster])

    generate.main()

    expected = rendered({"ingest": Endpoint("ingest", 50051, strict_dns=True)})
    assert yaml.safe_load(capsys.readouterr().out) == expected


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("127.0.0.1:80", Endpoint("127.0.0.1", 80)),
        ("[::1]:80", Endpoint("::1", 80)),
        ("ingest.tocsin:80", Endpoint("ingest.tocsin", 80, strict_dns=True)),
    ],
)
def test_an_endpoint_is_read_from_text(text: str, endpoint: Endpoint) -> None:
    assert Endpoint.parse(text) == endpoint


def http(method: descriptor_pb2.MethodDescriptorProto) -> Any:
    return method.options.Extensions[annotations_pb2.http]


def hints(method: descriptor_pb2.MethodDescriptorProto) -> Any:
    return method.options.Extensions[options_pb2.http]  # type: ignore[index] # protoc's stub


def refuses(name: str, change: Change, reason: str) -> None:
    """Checks that the edge is not made of a method that was changed so."""
    files = descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS.read_bytes())
    [method] = [
        method
        for file in files.file
        for service in file.service
        for method in service.method
        if method.name == name
    ]
    change(method)

    with pytest.raises(BadOptions, match=f"{name}: .*{reason}"):
        rendered(descriptors=files.SerializeToString())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda method: setattr(hints(method), "success", 302), "success 302"),
        (lambda method: setattr(hints(method), "unwrap", True), "unwrap needs a reply"),
        (lambda method: setattr(method, "server_streaming", True), "a stream has no REST form"),
        (lambda method: setattr(http(method), "body", "*"), "the body could override the path"),
        (lambda method: setattr(http(method), "body", "alert"), "the request has no field alert"),
        (lambda method: setattr(http(method), "response_body", "id"), "Envoy refuses"),
        (lambda method: setattr(http(method), "put", "/api/{nobody}"), "names a field"),
        (lambda method: setattr(http(method), "put", "/api/{id=a/*}"), "are understood"),
        (lambda method: setattr(http(method), "get", "/api/alerts/{id}"), "GetAlert has GET"),
    ],
)
def test_what_the_edge_cannot_serve_is_refused(change: Change, reason: str) -> None:
    refuses("AcceptAlert", change, reason)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda method: setattr(method, "client_streaming", True), "a stream has no REST form"),
        (lambda method: setattr(method, "output_type", ".tocsin.alertstate.v1.Alert"), "a stream"),
        (lambda method: setattr(hints(method), "success", 204), "a stream succeeds with 200"),
        (lambda method: setattr(http(method), "body", "*"), "asked for without a body"),
    ],
)
def test_what_no_stream_can_be_is_refused(change: Change, reason: str) -> None:
    refuses("StreamAlerts", change, reason)


def test_a_path_variable_that_a_query_could_override_is_refused() -> None:
    files = descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS.read_bytes())
    [request] = [
        message
        for file in files.file
        for message in file.message_type
        if message.name == "AcceptAlertRequest"
    ]
    request.field[0].proto3_optional = False

    with pytest.raises(BadOptions, match="AcceptAlert: id is not optional"):
        rendered(descriptors=files.SerializeToString())


def test_an_address_has_a_limit_that_can_be_chosen() -> None:
    clusters = {"ingest": Endpoint("127.0.0.1", 7000)}
    edge = Edge("::", 1, Path("a"), DESCRIPTORS, clusters, calls_per_minute=7, trusted_hops=2)
    config = yaml.safe_load(render(DESCRIPTORS.read_bytes(), edge))

    names = [one["name"] for one in manager(config)["http_filters"]]
    limit = manager(config)["http_filters"][names.index("envoy.filters.http.local_ratelimit")]
    [of_address] = limit["typed_config"]["descriptors"]
    assert of_address["token_bucket"]["max_tokens"] == 7
    assert manager(config)["xff_num_trusted_hops"] == 2
    # Below the filter that tells errors in the caller's words, or its refusals would pass it by.
    assert names.index("envoy.filters.http.lua") < names.index("envoy.filters.http.local_ratelimit")

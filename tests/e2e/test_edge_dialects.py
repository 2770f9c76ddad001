"""What the edge tells of errors in each dialect, and what it makes of credentials in paths."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import grpc
import pytest
import pytest_asyncio
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as details
from google.rpc import status_pb2

from tests.e2e.edge_house import House, open_house
from tests.parts.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVENTS = "/v2/alert_events/http/01J"
#: Methods that stand in for those of dialects that others own.
SPOKEN = {
    "GetAlert": "TTYOPS",
    "PostEvent": "PAGERDUTY",
    "GetUser": "OPSGENIE",
    "ListSubjectNotifications": "INCIDENT_IO",
}
SECRET = "il1secretsecretsecretsecret"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[House]:
    async with open_house(SPOKEN) as house:
        yield house


@pytest.fixture(autouse=True)
def no_fault(house: House) -> Iterator[None]:
    yield
    house.services.fault = None


def failure(code: grpc.StatusCode, message: str, *more: Message) -> status_pb2.Status:
    status = status_pb2.Status(code=code.value[0], message=message)
    for detail in more:
        status.details.add().Pack(detail)
    return status


def info(reason: str, **metadata: str) -> details.ErrorInfo:
    return details.ErrorInfo(reason=reason, domain="tocsin", metadata=metadata)


def violation(field: str, message: str, reason: str) -> details.BadRequest:
    found = {"field": field, "description": message, "reason": reason}
    return details.BadRequest(field_violations=[found])


@pytest.mark.parametrize("query", ["%s[is]=%s", "%s%%5Bis%%5D=%s", "%s%%5bis]=%s"])
async def test_filters_have_names_with_brackets(house: House, query: str) -> None:
    one_of = "status[one_of]=firing&status%5Bone_of%5D=resolved&page_size=7&colour[is]=red"
    answer = await house.http.get(f"/v2/alerts?{query % ('deduplication_key', 'a%20b')}&{one_of}")

    assert answer.status_code == 200, answer.text
    assert answer.json()["pagination_meta"] == {"page_size": 7}
    [alert] = answer.json()["alerts"]
    assert (alert["title"], alert["status"]) == ("a b", "firing resolved")
    assert (alert["attributes"], alert["deduplication_key"]) == ([], "")


@pytest.mark.parametrize(
    ("query", "tokens"),
    [
        (f"token={SECRET}", [SECRET]),
        (f"a=b&token={SECRET}&c=d", [SECRET]),
        (f"token={SECRET}&token=other", [SECRET]),
        (f"token={SECRET}&%74oken=other", [SECRET]),
        ("token=", []),
        ("token", []),
        ("", []),
    ],
)
async def test_a_token_in_a_query_reaches_services_as_a_header_alone(
    house: House, query: str, tokens: list[str]
) -> None:
    house.services.calls.clear()
    answer = await house.http.post(f"{EVENTS}?{query}", json={}, headers={"x-tocsin-token": "mine"})

    assert answer.status_code == 202, answer.text
    [(_, metadata, _)] = house.services.calls
    assert [metadata[k] for k in metadata if k == "x-tocsin-token"] == tokens
    assert not any(SECRET in str(v) for k, v in metadata.items() if k != "x-tocsin-token")
    assert "mine" not in str(metadata)


async def test_what_is_beside_a_token_keeps_its_escapes(house: House) -> None:
    query = f"deduplication_key%5Bis%5D=a%2Bb%26c+d&token={SECRET}&page_size=7"
    answer = await house.http.get(f"/v2/alerts?{query}")

    assert answer.status_code == 200, answer.text
    assert answer.json()["pagination_meta"] == {"page_size": 7}
    assert answer.json()["alerts"][0]["title"] == "a+b&c d"


async def test_a_token_where_it_means_nothing_is_dropped(house: House) -> None:
    answers = [
        await house.http.get(f"/api/{path}?token={SECRET}")
        for path in ("users/current", "escalations/5", "nothing")
    ]

    # Of the second a query parameter that nobody knows would have been refused with 400.
    assert [answer.status_code for answer in answers] == [200, 501, 404]
    assert SECRET not in "".join(answer.text for answer in answers)
    seen = answers[-1].headers["x-request-id"]
    await eventually(lambda: seen in house.log.read_text())
    assert SECRET not in house.log.read_text()


JSON = {"content-type": "application/json"}
NOT_FOUND = {"code": "not_found", "message": "Not found"}
TOO_LARGE = "The body is larger than 512 KiB"
NOT_JSON = "The body must have the content type application/json"


@pytest.mark.parametrize(
    ("request_line", "body", "status", "type_", "error"),
    [
        ("GET /v2/nothing", None, 404, "not_found", NOT_FOUND),
        ("GET /v2", None, 404, "not_found", NOT_FOUND),
        (f"POST {EVENTS}/more", {}, 404, "not_found", NOT_FOUND),
        (
            f"GET {EVENTS}",
            None,
            405,
            "method_not_allowed",
            {"code": "method_not_allowed", "message": "The path does not have this method"},
        ),
        (
            f"POST {EVENTS}",
            "x" * 524_289,
            413,
            "payload_too_large",
            {"code": "payload_too_large", "message": TOO_LARGE},
        ),
        (
            "GET /v2/alerts?page_size=x",
            None,
            422,
            "validation_error",
            {
                "code": "is_invalid",
                "message": 'page_size: invalid value "x"',
                "source": {"field": "page_size", "pointer": "/page_size"},
            },
        ),
        (
            "GET /v2/alerts?after=a&after=b",
            None,
            422,
            "validation_error",
            {
                "code": "is_invalid",
                "message": "after is given more than once",
                "source": {"field": "after", "pointer": "/after"},
            },
        ),
    ],
)
async def test_what_envoy_refuses_is_told_in_incident_ios_words(
    house: House, request_line: str, body: object, status: int, type_: str, error: object
) -> None:
    method, path = request_line.split()
    if isinstance(body, str):
        answer = await house.http.request(method, path, content=body, headers=JSON)
    else:
        answer = await house.http.request(method, path, json=body)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "type": type_,
        "status": status,
        "request_id": answer.headers["x-request-id"],
        "errors": [error],
    }


async def test_another_content_type_is_told_in_incident_ios_words(house: House) -> None:
    answer = await house.http.post(EVENTS, content="a=b", headers={"content-type": "text/plain"})

    told = answer.json()
    assert (answer.status_code, told["type"]) == (415, "invalid_request_error")
    assert told["errors"] == [{"code": "unsupported_media_type", "message": NOT_JSON}]


TITLE = 'a "title" is needed'
FAILURES = [
    (
        failure(grpc.StatusCode.UNAUTHENTICATED, "none", info("UNAUTHENTICATED")),
        (401, "authentication_error"),
        {"code": "missing_authorization_material", "message": "none"},
    ),
    (
        failure(grpc.StatusCode.UNAUTHENTICATED, "unknown", info("KEY_ERROR", http_status="403")),
        (401, "authentication_error"),
        {"code": "access_token_invalid", "message": "unknown"},
    ),
    (
        failure(grpc.StatusCode.PERMISSION_DENIED, "no", info("SCOPE_MISSING")),
        (403, "resource_forbidden"),
        {"code": "scope_missing", "message": "no"},
    ),
    (
        failure(grpc.StatusCode.INVALID_ARGUMENT, "no JSON", info("NOT_JSON")),
        (400, "invalid_request_error"),
        {"code": "not_json", "message": "no JSON"},
    ),
    (
        failure(
            grpc.StatusCode.INVALID_ARGUMENT,
            TITLE,
            info("IS_REQUIRED"),
            violation("a.b[0].title", TITLE, "IS_REQUIRED"),
        ),
        (422, "validation_error"),
        {
            "code": "is_required",
            "message": TITLE,
            "source": {"field": "a.b[0].title", "pointer": "/a/b/0/title"},
        },
    ),
    (
        failure(grpc.StatusCode.INTERNAL, "a secret"),
        (500, "api_error"),
        {"code": "internal_error", "message": "Something went wrong inside Tocsin"},
    ),
    (
        failure(grpc.StatusCode.UNAVAILABLE, "later", info("UNAVAILABLE")),
        (503, "api_error"),
        {"code": "unavailable", "message": "later"},
    ),
]


@pytest.mark.parametrize(("fault", "standing", "error"), FAILURES)
async def test_what_a_service_refuses_is_told_in_incident_ios_words(
    house: House, fault: status_pb2.Status, standing: tuple[int, str], error: object
) -> None:
    house.services.fault = fault
    answer = await house.http.post(EVENTS, json={})

    told = answer.json()
    assert (answer.status_code, told["type"]) == standing
    assert told["status"] == standing[0]
    assert told["errors"] == [error]


REACHED = failure(
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    "slower",
    info(
        "TOO_MANY_REQUESTS",
        http_status="429",
        limit_name='the "key"',
        limit="1200",
        limit_remaining="0",
    ),
    details.RetryInfo(retry_delay={"seconds": 17, "nanos": 1_000_000}),
)
WHEN = "%a, %d %b %Y %H:%M:%S UTC"


@pytest.mark.parametrize(
    ("fault", "limit", "seconds"),
    [
        (REACHED, {"name": 'the "key"', "limit": 1200, "remaining": 0}, 18),
        (
            failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "slower"),
            {"name": "requests", "limit": 0, "remaining": 0},
            60,
        ),
    ],
)
async def test_a_reached_limit_says_which_and_for_how_long(
    house: House, fault: status_pb2.Status, limit: dict[str, object], seconds: int
) -> None:
    house.services.fault = fault
    answer = await house.http.post(EVENTS, json={})

    assert answer.status_code == 429
    assert answer.headers["retry-after"] == str(seconds)
    told = answer.json()
    assert told["type"] == "too_many_requests"
    assert told["errors"] == [{"code": "too_many_requests", "message": "slower"}]
    until = datetime.strptime(told["rate_limit"].pop("retry_after"), WHEN).replace(tzinfo=UTC)
    assert abs(until - datetime.now(UTC) - timedelta(seconds=seconds)) < timedelta(seconds=5)
    assert told["rate_limit"] == limit


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1", {"error": "not_found", "message": "Not found"}),
        ("/api/v1/nothing", {"error": "not_found", "message": "Not found"}),
        ("/api/v1/events/no/such", {"status": 404, "message": "Not found", "code": "NOT_FOUND"}),
        (
            "/v2/enqueue/no",
            {"status": "not found", "message": "Not found", "errors": ["Not found"]},
        ),
        ("/opsgenie/no", {"message": "Not found", "took": 0.0, "requestId": "ID"}),
        ("/v20", {"status": 404, "message": "Not found", "code": "NOT_FOUND"}),
    ],
)
async def test_a_path_is_absent_in_the_dialect_of_its_neighbours(
    house: House, path: str, body: dict[str, object]
) -> None:
    answer = await house.http.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    if "requestId" in body:
        body = {**body, "requestId": answer.headers["x-request-id"]}
    assert answer.json() == body


UNKNOWN_KEY = failure(
    grpc.StatusCode.UNAUTHENTICATED, "unknown", info("KEY_ERROR", http_status="403")
)
FAULTY = failure(
    grpc.StatusCode.INVALID_ARGUMENT, "wrong", info("IS_WRONG"), violation("a", "wrong", "IS_WRONG")
)
ABSENT = failure(grpc.StatusCode.NOT_FOUND, "no such", info("NOT_FOUND"))
MANY = "Requests for this service are arriving too quickly. Please retry later."


@pytest.mark.parametrize(
    ("method", "fault", "status", "body"),
    [
        ("GetAlert", UNKNOWN_KEY, 401, {"error": "key_error", "message": "unknown"}),
        ("GetAlert", FAULTY, 400, {"error": "is_wrong", "message": "wrong"}),
        ("GetAlert", REACHED, 429, {"error": "too_many_requests", "message": "slower"}),
        (
            "PostEvent",
            FAULTY,
            400,
            {
                "status": "invalid event",
                "message": "Event object is invalid",
                "errors": ["wrong"],
            },
        ),
        (
            "PostEvent",
            REACHED,
            429,
            {"status": "throttle exceeded", "message": MANY, "errors": ["slower"]},
        ),
        (
            "PostEvent",
            ABSENT,
            404,
            {"status": "not found", "message": "no such", "errors": ["no such"]},
        ),
        ("GetUser", UNKNOWN_KEY, 401, {"message": "unknown"}),
        ("GetUser", ABSENT, 404, {"message": "no such"}),
        ("GetUser", REACHED, 429, {"message": "slower"}),
        (
            "GetUser",
            FAULTY,
            422,
            {
                "message": "Request body is not processable. Please check the errors.",
                "errors": {"a": "wrong"},
            },
        ),
    ],
)
async def test_other_dialects_have_bodies_of_their_own(
    house: House, method: str, fault: status_pb2.Status, status: int, body: dict[str, object]
) -> None:
    house.services.fault = fault
    if method == "PostEvent":
        answer = await house.http.post("/api/events", json={})
    else:
        answer = await house.http.get("/api/alerts/7" if method == "GetAlert" else "/api/users/7")

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers.get("retry-after") == ("18" if status == 429 else None)
    if method == "GetUser":
        body = {**body, "took": 0.0, "requestId": answer.headers["x-request-id"]}
    assert answer.json() == body


async def test_a_service_that_is_away_is_told_in_incident_ios_words(house: House) -> None:
    await house.fragile.server.stop(0)

    answer = await house.http.get("/api/notifications?kind=alert&subject-id=7")

    told = answer.json()
    assert (answer.status_code, told["type"], told["status"]) == (503, "api_error", 503)
    assert told["request_id"] == answer.headers["x-request-id"]
    [error] = told["errors"]
    assert error == {
        "code": "unavailable",
        "message": "The service is not available, try again",
    }

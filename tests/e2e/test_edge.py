"""What the edge answers over REST: exact statuses and bodies."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.e2e.edge_house import ALERT, House, open_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMIT = 512 * 1024


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


def alert(number: int, **changes: object) -> dict[str, object]:
    empty = {"details": "", "images": [], "links": [], "responders": [], "eventCount": 0}
    more: dict[str, object] = {"labels": {}, "silent": False}
    return {"id": number, **ALERT, **empty, **more, **changes}


def source(name: str) -> dict[str, object]:
    rule = {
        "alertPriorityRule": "PRIORITY_RULE_UNSPECIFIED",
        "alertCreation": "CREATION_UNSPECIFIED",
        "status": "STATUS_UNSPECIFIED",
        "bidirectional": False,
        "teams": [],
    }
    return {"id": 0, "name": name, "integrationType": "", "integrationUrl": "", **rule}


def user(number: int, role: str) -> dict[str, object]:
    names = dict.fromkeys(("firstName", "lastName", "email", "timezone", "language"), "")
    return {"id": number, "role": role, **names}


def receipt(event: str) -> dict[str, object]:
    return {"responseCode": "", "eventId": event}


def error(status: int, code: str, message: str) -> dict[str, object]:
    return {"status": status, "message": message, "code": code}


def bad(message: str) -> dict[str, object]:
    return error(400, "BAD_REQUEST", message)


ABSENT = error(404, "NOT_FOUND", "Not found")
NO_METHOD = error(405, "METHOD_NOT_ALLOWED", "The path does not have this method")
TOO_LARGE = error(413, "PAYLOAD_TOO_LARGE", "The body is larger than 512 KiB")
NOT_JSON = error(
    415, "UNSUPPORTED_MEDIA_TYPE", "The body must have the content type application/json"
)
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
ACCEPTED = alert(7, status="ACCEPTED")
DEEP = '{"x":' * 200 + "1" + "}" * 200


@pytest.mark.parametrize(
    ("request_line", "status", "body"),
    [
        ("GET /api/alerts", 200, []),
        ("GET /api/alerts/", 200, []),
        ("GET //api//alerts", 200, []),
        (
            "GET /api/alerts?max-results=2&start-index=3&states=PENDING&states=accepted&zip=1",
            200,
            [alert(3, summary='[{"[1, 2]')] * 2,
        ),
        ("GET /api/alerts?max-results=x", 400, bad('max-results: invalid value "x"')),
        ("GET /api/alerts?max-results=%ff", 400, bad('max-results: invalid value "\xff"')),
        (
            "GET /api/alerts?max-results=1&max-results=2",
            400,
            bad("max-results is given more than once"),
        ),
        ("GET /api/alerts?states=LOUD", 400, bad('states: invalid value "LOUD"')),
        (
            "GET /api/alerts?from=today",
            400,
            bad(
                "from: Illegal timestamp format; timestamps must end with 'Z'"
                " or have a valid timezone offset."
            ),
        ),
        ("GET /api/alerts/count", 200, {"count": 0}),
        ("GET /api/alerts/7", 200, alert(7)),
        ("GET /api/alerts/7?id=8", 400, bad("id is given more than once")),
        ("GET /api/alerts/seven", 400, bad('id: invalid value "seven"')),
        ("GET /api/alerts/404", 404, error(404, "NO_SUCH_ALERT", 'no alert "404"')),
        ("GET /api/alerts/405", 405, error(405, "RESPONDER_EXISTS", "already a responder")),
        ("GET /api/alerts/409", 409, error(409, "CONFLICT", "taken")),
        ("GET /api/alerts/429", 429, error(429, "TOO_MANY_REQUESTS", "too many")),
        (
            "GET /api/alerts/500",
            500,
            error(500, "INTERNAL_ERROR", "Something went wrong inside Tocsin"),
        ),
        ("GET /api/alerts/503", 503, error(503, "STARTING", "starting")),
        ("GET /api/alerts/999", 404, ABSENT),
        ("GET /api/users/ada.l", 200, user(5, "USER")),
        ("GET /api/users/current", 200, user(0, "ADMIN")),
        ("GET /api/escalations/5?zip=1", 400, bad('unknown parameter "zip"')),
        ("GET /api/notifications?kind=alert&subject-id=7", 200, []),
        ("GET /api/notifications?kind=%ff", 400, bad("unreadable")),
        ("GET /api/nothing", 404, ABSENT),
        ("GET /nothing", 404, ABSENT),
        ("POST /api/alerts/count", 405, NO_METHOD),
        ("DELETE /api/events", 405, NO_METHOD),
        ("GET /api/alerts%2f7", 404, ABSENT),
        ("GET /api/users/a%2fb", 200, user(3, "USER")),
        ("GET /api/alerts/a%2fb", 400, bad('id: invalid value "a/b"')),
        ("PUT /api/alerts/7/accept", 200, ACCEPTED),
        ("PUT /api/alerts/7/accept?zip=1", 200, ACCEPTED),
        ("DELETE /api/tokens/abc", 204, None),
    ],
)
async def test_a_bare_request(house: House, request_line: str, status: int, body: object) -> None:
    await answers(house, request_line, "", {}, status, body)


@pytest.mark.parametrize(
    ("request_line", "media_type", "content", "status", "body"),
    [
        ("POST /api/events", JSON, "[1]", 202, receipt("application/json 3")),
        (
            "POST /api/events",
            f"{JSON}; charset=utf-8",
            "{",
            202,
            receipt(f"{JSON}; charset=utf-8 1"),
        ),
        ("POST /api/events?zip=1", JSON, "x" * LIMIT, 202, receipt(f"{JSON} {LIMIT}")),
        ("POST /api/events", JSON, "x" * (LIMIT + 1), 413, TOO_LARGE),
        ("POST /api/events", FORM, "{}", 415, NOT_JSON),
        ("POST /api/events", "application/grpc-like", "{}", 415, NOT_JSON),
        ("POST /api/alert-sources", JSON, '{"name":"cron","zip":1}', 201, source("cron")),
        ("POST /api/alert-sources", JSON, '{"name":null}', 201, source("")),
        # Some clients say "" where they mean no word. A text that looks like that stays.
        (
            "POST /api/alert-sources",
            JSON,
            '{"name":"cron", "alertCreation" : ""}',
            201,
            source("cron"),
        ),
        (
            "POST /api/alert-sources",
            JSON,
            r'{"alertPriorityRule":"","name":",\"status\":\"\""}',
            201,
            source(',"status":""'),
        ),
        (
            "POST /api/alert-sources",
            JSON,
            '{"alertCreation":"","alertPriorityRule":"soon"}',
            400,
            bad('alertPriorityRule: invalid value "soon"'),
        ),
        ("POST /api/tokens?zip=1", JSON, "{}", 400, bad('unknown parameter "zip"')),
        ("POST /api/alert-sources", JSON, '"' + "x" * LIMIT, 413, TOO_LARGE),
        ("POST /api/alert-sources", FORM, "name=cron", 415, NOT_JSON),
        (
            "POST /api/alert-sources",
            JSON,
            '{"name":',
            400,
            bad("The body is not what is expected: Unexpected end of string. Expected a value."),
        ),
        (
            "POST /api/alert-sources",
            JSON,
            '{"escalationPolicy":{"escalationRules":[{"escalationTimeout":"soon"}]}}',
            400,
            bad('escalationPolicy.escalationRules[0].escalationTimeout: invalid value "soon"'),
        ),
        (
            "POST /api/alert-sources",
            JSON,
            '{"name":{}}',
            400,
            bad("body: Starting an object on a scalar field"),
        ),
        (
            "POST /api/alert-sources",
            JSON,
            DEEP,
            400,
            bad(
                "The body is not what is expected:"
                " Message too deep. Max recursion depth reached for key 'x'"
            ),
        ),
        ("PUT /api/alerts/7/accept", JSON, "", 200, ACCEPTED),
        ("PUT /api/alerts/7/accept", FORM, "", 200, ACCEPTED),
        ("PUT /api/alerts/7/accept", JSON, "{}", 200, ACCEPTED),
        ("PUT /api/alerts/7/accept", FORM, "a=b", 415, NOT_JSON),
        ("PUT /api/alerts/7/accept", JSON, '"' + "x" * LIMIT, 413, TOO_LARGE),
        ("POST /api/nothing", FORM, "a=b", 404, ABSENT),
        ("POST /tocsin.alertstate.v1.AlertService/GetAlert", JSON, '{"id":7}', 404, ABSENT),
        ("POST /tocsin.chassis.internal.v1.SubjectService/CheckSubjects", JSON, "{}", 404, ABSENT),
    ],
)
async def test_a_request_with_a_body(
    house: House, request_line: str, media_type: str, content: str, status: int, body: object
) -> None:
    await answers(house, request_line, content, {"content-type": media_type}, status, body)


async def answers(
    house: House,
    request_line: str,
    content: str,
    headers: dict[str, str],
    status: int,
    body: object,
) -> None:
    method, _, target = request_line.partition(" ")
    url = httpx.URL(f"http://{house.target}", raw_path=target.encode())

    reply = await house.http.request(method, url, content=content, headers=headers)

    assert reply.status_code == status, reply.text
    assert len(reply.headers["x-request-id"]) == 36
    if body is None:
        assert reply.content == b""
        assert "content-type" not in reply.headers
    else:
        assert reply.json() == body
        assert reply.headers["content-type"] == "application/json"


async def test_what_was_not_asked_for_is_left_out_while_it_is_empty(house: House) -> None:
    asked = {"include": ["vars", "escalationRules"]}
    reply = await house.http.get("/api/alerts/7", params=asked)
    assert reply.json() == alert(7, escalationRules=[])
    listed = await house.http.get("/api/alerts", params={"max-results": 1, **asked})
    assert listed.json()[0]["escalationRules"] == []
    assert listed.json()[0]["responders"] == []

    # What callers sent is theirs, whatever it looks like, and so are texts.
    theirs = (await house.http.get("/api/alerts/8")).json()
    like = {"escalationRules": [], "vars": {}, "x": '"escalationRules":[]', "deep": [{"vars": {}}]}
    text = '{"customDetails":{"escalationRules":[],'
    policy = {"id": 4, "name": text, "teams": []}
    assert theirs == alert(8, customDetails=like, details=text, escalationPolicy=policy)


async def test_a_wrong_method_is_told_the_right_ones(house: House) -> None:
    reply = await house.http.post("/api/tokens/abc")
    assert (reply.status_code, reply.headers["allow"]) == (405, "DELETE, GET")

    assert (await house.http.patch("/api/users")).headers["allow"] == "GET, POST"


async def test_a_retry_delay_becomes_a_header(house: House) -> None:
    reply = await house.http.get("/api/alerts/429")

    assert reply.headers["retry-after"] == "2"


async def test_a_body_without_a_length_is_a_body(house: House) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"{}"

    form = {"content-type": FORM}
    reply = await house.http.post("/api/events", content=chunks(), headers=form)
    assert reply.status_code == 415

    typed = await house.http.post("/api/events", content=chunks(), headers={"content-type": JSON})
    assert typed.json() == receipt("application/json 2")


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"DELETE /api/tokens/abc", b"204 No Content"),
        (b"HEAD /api/alerts", b"405 Method Not Allowed"),
    ],
)
async def test_a_connection_lives_on_after_a_reply_without_a_body(
    house: House, request_line: bytes, status: bytes
) -> None:
    host, _, port = house.target.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request_line + b" HTTP/1.1\r\nhost: edge\r\n\r\n")

    first = await reader.readuntil(b"\r\n\r\n")
    writer.write(b"GET /api/alerts HTTP/1.1\r\nhost: edge\r\n\r\n")
    second = await reader.readuntil(b"\r\n\r\n[]")

    writer.close()
    await writer.wait_closed()
    assert first.startswith(b"HTTP/1.1 " + status)
    assert second.startswith(b"HTTP/1.1 200 OK")


async def test_what_cannot_be_read_is_refused_in_the_same_words(house: House) -> None:
    headers = {"authorization": "x" * 9000}
    reply = await house.http.get("/api/alerts", headers=headers)

    too_large = error(431, "HEADERS_TOO_LARGE", "The request's headers are too large")
    assert reply.json() == too_large

"""The sample requests of the documents that clients are written from, sent as they stand.

Each file in data/ is one request, `<document>_<order>_<what>.json`. They run in
that order against one suite, which the fixture `suite` (of module scope or wider)
names: an object with `url` (of the REST edge), `token` (an API token of a person),
`integration_key` (of an alert source) and `credentials` (what the first start made).

What `expect` may say: `status`; `body`, of which an object may have more; `fields`,
which must be there; `each`, the words that a field of each listed item may have;
`raises`, that a new alert comes of it, and the placeholder that stands for its id from then on;
`limit`, what the body says of the limit that was reached. With `until_refused` a request is sent
again until it is, by a source that takes one event a minute.
"""

import json
import string
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from tests.parts.waiting import eventually

MOST_SENT = 20  # a minute may end between two of them
FILES = sorted((Path(__file__).parent / "data").glob("*.json"))


class Suite(Protocol):
    """A running suite, and what opens it."""

    url: str
    token: str
    integration_key: str
    credentials: dict[str, str]


@pytest.fixture(scope="module")
def words(suite: Suite) -> dict[str, str]:
    """What the placeholders stand for; one request may teach the next."""
    incident_io = new_source(suite, "INCIDENT_IO_HTTP")
    limited = new_source(suite, "INCIDENT_IO_HTTP", name="limited", eventsPerMinute=1)
    new_source(suite, "TTYOPS")
    new_source(suite, "TTYOPS", name="limited", eventsPerMinute=1)
    return {
        "TOCSIN_TTYOPS_TOKEN": new_token(suite, "ingest", "alerts:read", "alerts:write"),
        "TTYOPS_ACCOUNT_ID": f"{int(suite.credentials['TOCSIN_USER_ID']):08x}-member",
        "TOCSIN_TOKEN": suite.token,
        "TOCSIN_INTEGRATION_KEY": suite.integration_key,
        "TOCSIN_INCIDENT_IO_SOURCE": incident_io["integrationUrl"].rpartition("/")[2],
        "TOCSIN_INCIDENT_IO_TOKEN": incident_io["integrationKey"],
        "TOCSIN_INCIDENT_IO_LIMITED_SOURCE": limited["integrationUrl"].rpartition("/")[2],
        "TOCSIN_INCIDENT_IO_LIMITED_TOKEN": limited["integrationKey"],
    }


def new_source(suite: Suite, type_: str, **more: object) -> dict[str, str]:
    """Makes an alert source of another vendor's type."""
    policy = {"id": int(suite.credentials["TOCSIN_POLICY_ID"])}
    wanted = {"name": type_, "integrationType": type_, "escalationPolicy": policy, **more}
    shown = {"Authorization": f"Bearer {suite.token}"}
    answer = httpx.post(f"{suite.url}/api/alert-sources", json=wanted, headers=shown)
    made: dict[str, str] = answer.raise_for_status().json()
    return made


def new_token(suite: Suite, *scopes: str) -> str:
    """Makes an API token with some scopes."""
    shown = {"Authorization": f"Bearer {suite.token}"}
    wanted = {"name": "ttyops", "scopes": scopes}
    answer = httpx.post(f"{suite.url}/api/tokens", json=wanted, headers=shown)
    return str(answer.raise_for_status().json()["token"])


@pytest.fixture
async def client(suite: Suite) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the edge."""
    async with httpx.AsyncClient(base_url=suite.url) as client:
        yield client


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_a_sample_works_as_documented(
    file: Path, client: httpx.AsyncClient, words: dict[str, str]
) -> None:
    sample = read(file, words)
    expected = sample["expect"]
    known = await newest_alert(client, sample["body"], words) if "raises" in expected else 0

    for _ in range(MOST_SENT if sample.get("until_refused") else 1):
        response = await client.request(
            sample["method"], sample["path"], headers=sample["headers"], json=sample.get("body")
        )
        if response.is_error:
            break

    assert response.status_code == expected["status"], response.text
    assert response.headers["content-type"].startswith("application/json")
    check(response.json(), expected)
    if "raises" in expected:

        async def raised() -> int:
            newest = await newest_alert(client, sample["body"], words)
            return newest if newest > known else 0

        number = await eventually(raised)
        words[expected["raises"]] = str(number)
        words[f"{expected['raises']}_SHORT"] = f"{number:08x}-alert"


def read(file: Path, words: dict[str, str]) -> Any:
    """Returns a sample with its placeholders filled in."""
    return json.loads(string.Template(file.read_text()).substitute(words))


def check(body: Any, expected: dict[str, Any]) -> None:
    """Holds a reply against what the sample expects of it."""
    match expected.get("body"):
        case dict() as part:
            assert body | part == body
        case list() as whole:
            assert body == whole
    for field in expected.get("fields", []):
        assert field in body
    if "limit" in expected:
        told = body["rate_limit"]
        assert (told["limit"], told["remaining"]) == (expected["limit"], 0)
        assert told["name"]
        assert told["retry_after"]
    if "each" in expected:
        assert isinstance(body, list)
        for field, allowed in expected["each"].items():
            assert {item[field] for item in body} <= set(allowed)


def summary_of(event: dict[str, Any]) -> str:
    """Returns what a sample calls what happened, wherever it says so."""
    if "alerts" in event:
        return str(event["alerts"][0]["annotations"]["title"]).strip()
    return str(event.get("summary") or event["title"])


async def newest_alert(
    client: httpx.AsyncClient, event: dict[str, Any], words: dict[str, str]
) -> int:
    """Returns the highest id of the alerts with an event's summary or title; 0 if there is none."""
    headers = {"Authorization": f"Bearer {words['TOCSIN_TOKEN']}"}
    response = await client.get("/api/alerts", headers=headers)
    alerts = response.raise_for_status().json()
    summary = summary_of(event)
    same = (alert["id"] for alert in alerts if alert["summary"] == summary)
    return max(same, default=0)

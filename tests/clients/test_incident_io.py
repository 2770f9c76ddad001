"""incident.io's official client, from PyPI, against a suite as `tocsin up` starts it."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from incident_io import AuthenticatedClient, Client
from incident_io.api.alert_events_v2 import alert_events_v2_create_http as create
from incident_io.api.alerts_v2 import alerts_v2_list as listing
from incident_io.models import (
    AlertEventsCreateHTTPPayloadV2,
    AlertEventsCreateHTTPPayloadV2Metadata,
    AlertEventsCreateHTTPPayloadV2Status,
    AlertEventsCreateHTTPResultV2,
    AlertsListResultV2,
    AlertsV2ListDeduplicationKey,
    AlertsV2ListStatus,
    AlertV2,
    ErrorResponse,
    ErrorResponseType,
)
from incident_io.types import UNSET, Unset

from tests.parts.suite import Suite, pretty
from tests.parts.waiting import until

FIRING = AlertEventsCreateHTTPPayloadV2Status.FIRING
RESOLVED = AlertEventsCreateHTTPPayloadV2Status.RESOLVED


@dataclass(frozen=True)
class Source:
    """An HTTP alert source: its id and its token."""

    ulid: str
    token: str


@pytest.fixture(scope="module")
def source(suite: Suite) -> Source:
    wanted = {
        "name": f"incident.io {secrets.token_hex(3)}",
        "integrationType": "INCIDENT_IO_HTTP",
        "escalationPolicy": {"id": int(suite.credentials["TOCSIN_POLICY_ID"])},
    }
    with suite.client() as client:
        made = client.post("/api/alert-sources", json=wanted)
    assert made.status_code == 201, pretty(made)
    address = made.json()["integrationUrl"]
    return Source(address.rpartition("/")[2], made.json()["integrationKey"])


@pytest.fixture(scope="module")
def sender(suite: Suite, source: Source) -> Iterator[AuthenticatedClient]:
    """The client as a tool uses it: with the source's token."""
    with AuthenticatedClient(base_url=suite.url, token=source.token) as client:
        yield client


@pytest.fixture(scope="module")
def account(suite: Suite) -> Iterator[AuthenticatedClient]:
    """The client as a person uses it: with an API key."""
    with AuthenticatedClient(base_url=suite.url, token=suite.token) as client:
        yield client


def payload(title: str, key: str, status: Any = FIRING) -> AlertEventsCreateHTTPPayloadV2:
    metadata = AlertEventsCreateHTTPPayloadV2Metadata.from_dict({"team": ["my-team"]})
    return AlertEventsCreateHTTPPayloadV2(
        title=title,
        status=status,
        deduplication_key=key,
        description="**many** timeouts",
        metadata=metadata,
        source_url="https://www.my-alerting-platform.com/alerts/my-alert-123",
    )


def with_key(account: AuthenticatedClient, key: str) -> list[AlertV2]:
    filter_ = AlertsV2ListDeduplicationKey.from_dict({"is": key})
    page = listing.sync(client=account, deduplication_key=filter_)
    assert isinstance(page, AlertsListResultV2), page
    return page.alerts


def raised(account: AuthenticatedClient, key: str) -> list[AlertV2]:
    """Returns the alerts of a key, waiting for one."""
    until(lambda: with_key(account, key), within=15)
    return with_key(account, key)


def test_an_alert_fires_and_is_resolved(
    source: Source, sender: AuthenticatedClient, account: AuthenticatedClient
) -> None:
    key = f"key {secrets.token_hex(4)}"

    fired = create.sync(source.ulid, client=sender, body=payload("PG::Error", key))
    assert isinstance(fired, AlertEventsCreateHTTPResultV2), fired
    assert (fired.status, fired.deduplication_key) == ("success", key)
    (alert,) = raised(account, key)
    again = create.sync(source.ulid, client=sender, body=payload("another title", key))
    assert isinstance(again, AlertEventsCreateHTTPResultV2), again
    over = create.sync(source.ulid, client=sender, body=payload("over", key, RESOLVED))
    assert isinstance(over, AlertEventsCreateHTTPResultV2), over
    until(lambda: with_key(account, key)[0].status.value == "resolved", within=15)

    (resolved,) = with_key(account, key)
    assert (alert.title, alert.status.value) == ("PG::Error", "firing")
    assert (alert.alert_source_id, alert.description) == (source.ulid, "**many** timeouts")
    assert isinstance(alert.source_url, str)
    assert isinstance(alert.resolved_at, Unset)
    assert (resolved.id, resolved.title) == (alert.id, "PG::Error")
    assert not isinstance(resolved.resolved_at, Unset)
    assert resolved.created_at == alert.created_at <= resolved.resolved_at <= resolved.updated_at


def test_pages_and_filters_lead_through_all_alerts(
    source: Source, sender: AuthenticatedClient, account: AuthenticatedClient
) -> None:
    keys = {f"page {secrets.token_hex(4)}" for _ in range(3)}
    for key in keys:
        create.sync(source.ulid, client=sender, body=payload("paged", key))
        raised(account, key)
    firing = AlertsV2ListStatus.from_dict({"one_of": ["firing"]})

    seen: list[AlertV2] = []
    after: str | Unset = UNSET
    while True:
        page = listing.sync(client=account, page_size=2, status=firing, after=after)
        assert isinstance(page, AlertsListResultV2), page
        assert len(page.alerts) <= page.pagination_meta.page_size == 2
        seen += page.alerts
        after = page.pagination_meta.after
        if isinstance(after, Unset):
            break

    assert keys <= {alert.deduplication_key for alert in seen}
    assert {alert.status.value for alert in seen} == {"firing"}
    assert len({alert.id for alert in seen}) == len(seen)


def test_the_token_of_the_query_opens_the_door(
    suite: Suite, source: Source, account: AuthenticatedClient
) -> None:
    body = payload("in the query", f"query {secrets.token_hex(4)}")

    with Client(base_url=suite.url) as nobody:
        alone = create.sync(source.ulid, client=nobody, body=body, token=source.token)
    beside_an_api_key = create.sync(source.ulid, client=account, body=body, token=source.token)

    assert isinstance(alone, AlertEventsCreateHTTPResultV2), alone
    assert isinstance(beside_an_api_key, AlertEventsCreateHTTPResultV2), beside_an_api_key


@pytest.mark.parametrize(
    ("token", "ulid", "body", "type_", "code", "field"),
    [
        (None, None, {}, "authentication_error", "missing_authorization_material", None),
        ("wrong", None, {}, "authentication_error", "access_token_invalid", None),
        ("own", "01GW2G3V0S59R238FAHPDS1R66", {}, "not_found", "not_found", None),
        ("own", None, {"title": ""}, "validation_error", "is_required", "title"),
        (
            "own",
            None,
            {"deduplication_key": ""},
            "validation_error",
            "is_required",
            "deduplication_key",
        ),
        (
            "own",
            None,
            {"description": "x" * 524_288},
            "payload_too_large",
            "payload_too_large",
            None,
        ),
    ],
)
def test_the_client_understands_what_is_refused(
    suite: Suite,
    source: Source,
    token: str | None,
    ulid: str | None,
    body: dict[str, str],
    type_: str,
    code: str,
    field: str | None,
) -> None:
    told = payload("refused", "k")
    for name, value in body.items():
        setattr(told, name, value)
    shown = {} if token is None else {"Authorization": f"Bearer {token}"}
    if token == "own":
        shown = {"Authorization": f"Bearer {source.token}"}

    with Client(base_url=suite.url, headers=shown) as client:
        refused = create.sync(ulid or source.ulid, client=client, body=told)

    assert isinstance(refused, ErrorResponse), refused
    assert refused.type_ is ErrorResponseType(type_)
    assert refused.request_id
    (error,) = refused.errors
    assert error.code == code
    if field is None:
        assert isinstance(error.source, Unset)
    else:
        assert not isinstance(error.source, Unset)
        assert (error.source.field, error.source.pointer) == (field, f"/{field}")


def test_the_client_understands_what_no_list_can_do(suite: Suite, source: Source) -> None:
    with AuthenticatedClient(base_url=suite.url, token=source.token) as client:
        refused = listing.sync(client=client)
    with AuthenticatedClient(base_url=suite.url, token=suite.token) as client:
        too_much = listing.sync(client=client, page_size=51)

    assert isinstance(refused, ErrorResponse), refused
    assert refused.errors[0].code == "access_token_invalid"
    assert isinstance(too_much, ErrorResponse), too_much
    assert too_much.errors[0].code == "is_invalid"

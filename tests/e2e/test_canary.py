"""A secret is nowhere but where it is checked: hashed, sealed, or in the sender's hands.

Secrets that work, and some that do not, go everywhere where a sender may put one. Then every file
that the suite wrote, all that it logged, what it measured and its command lines are searched.
"""

import asyncio
import base64
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import httpx
import pytest
import yaml

from services.chassis import tokens
from tests.parts.ports import free_port
from tests.parts.raw_http import send
from tests.parts.suite import CHILDREN, Suite, running_suite
from tests.parts.twilio import twilio_settings
from tests.parts.waiting import until
from tocsin.alertstate.v1.alert_service_pb2 import ListAlertsRequest
from tocsin.alertstate.v1.alert_service_pb2_grpc import AlertServiceStub
from tocsin.ingest.v1.event_pb2 import Event
from tocsin.ingest.v1.event_service_pb2 import SubmitEventRequest
from tocsin.ingest.v1.event_service_pb2_grpc import EventServiceStub

SECONDS = 30.0
JSON = {"Content-Type": "application/json"}
SPELLINGS = (
    "Bearer {}",
    "bearer {}",
    "BEARER  {}",
    "GenieKey {}",
    "Token {}",
    "Token token={}",
    "{}",
)
HEADERS = (
    "Authorization",
    "Proxy-Authorization",
    "x-tocsin-token",
    "X-Api-Key",
    "x-routing-key",
    "Cookie",
)
QUERIES = ("token", "apiKey", "api_key", "integrationKey", "routing_key", "access_token")
FIELDS = ("apiKey", "integrationKey", "routing_key", "api_key", "token")
SOURCES = ("API", "INCIDENT_IO_HTTP", "PAGERDUTY", "OPSGENIE", "PROMETHEUS", "TTYOPS")
PATHS = (
    "/api/events",
    "/api/events/batch",
    "/api/v1/events",
    "/api/v1/alert",
    "/v2/enqueue",
    "/v2/change/enqueue",
    "/v2/alert_events/http/01GW2G3V0S59R238FAHPDS1R66",
    "/opsgenie/v2/alerts",
    "/hooks/twilio/sms",
    "/hooks/twilio/voice/1",
    "/hooks/gateway/replies",
    "/api/tokens",
    "/api/nothing",
)
IN_PATHS = (
    ("POST", "/api/v1/events/prometheus/{}"),
    ("POST", "/v2/alert_events/http/{}"),
    ("POST", "/api/heartbeats/{}"),
    ("GET", "/api/alert-sources/{}"),
    ("GET", "/api/answers/{}"),
    ("POST", "/api/answers/{}"),
    ("DELETE", "/api/tokens/{}"),
    ("POST", "/api/tokens/{}/rotate"),
    ("GET", "/{}"),
    ("GET", "/m/{}"),
    ("POST", "/m/{}"),
    ("GET", "/static/{}"),
)
#: Where a browser sends what it keeps, and forms.
PAGES = ("/", "/alerts/1", "/on-call", "/sign-in", "/sign-out")


@dataclass
class Aviary:
    """A suite, the secrets in it, and what it told while it lived."""

    suite: Suite
    marker: str = field(default_factory=lambda: f"marker{secrets.token_hex(8)}")
    canaries: dict[str, str] = field(default_factory=dict)  # by what each is
    doors: set[str] = field(default_factory=set)  # the paths of its sources
    told: dict[str, bytes] = field(default_factory=dict)  # by where

    def traces(self, secret: str) -> Iterator[str]:
        """Where a secret is found, as it is or in the encodings that credentials come in."""
        token = tokens.parse(secret)
        core = token.secret if token else secret  # the id of a token is public
        forms = [core.encode(), _encoded(secret), _encoded(f"user:{secret}")]
        for (place, content), form in product(self.told.items(), forms):
            if form in content:
                yield place


@pytest.fixture(scope="module")
def aviary(tmp_path_factory: pytest.TempPathFactory) -> Aviary:
    """The suite after all of it, when it has ended."""
    folder = tmp_path_factory.mktemp("suite")
    password = f"smtp{secrets.token_hex(12)}"
    mail = f"smtp://canary:{password}@127.0.0.1:{free_port()}"
    token, path = f"twilio{secrets.token_hex(12)}", f"gateway{secrets.token_hex(12)}"
    signing = base64.b64encode(secrets.token_bytes(32)).decode()
    telephones = {
        **twilio_settings(f"http://127.0.0.1:{free_port()}"),
        "TOCSIN_TWILIO_AUTH_TOKEN": token,
        "TOCSIN_GATEWAY_URL": f"http://127.0.0.1:{free_port()}/{path}",
        "TOCSIN_GATEWAY_SECRET": f"whsec_{signing}",
    }
    with running_suite(folder, TOCSIN_SMTP_URL=mail, **telephones) as suite:
        aviary = Aviary(suite)
        aviary.canaries["the password of the mail server"] = password
        aviary.canaries["the token of Twilio's account"] = token
        aviary.canaries["the path of the gateway"] = path
        aviary.canaries["the secret of the gateway"] = signing
        _hatch(aviary)
        for secret in aviary.canaries.values():
            _send_everywhere(aviary, secret)
        asyncio.run(_call(suite, aviary.canaries.values(), aviary.marker))
        _settle(aviary)
        aviary.told |= _metrics(suite) | _command_lines(suite)
    aviary.told["what the suite printed"] = "\n".join(suite.lines).encode()
    for file in folder.rglob("*"):
        if file.is_file():
            aviary.told[str(file.relative_to(folder))] = file.read_bytes()
    return aviary


def test_no_secret_is_found_anywhere(aviary: Aviary) -> None:
    found = {name: [*aviary.traces(secret)] for name, secret in aviary.canaries.items()}

    assert {name: places for name, places in found.items() if places} == {}
    assert len(aviary.canaries) >= 15


def test_what_is_no_secret_is_found(aviary: Aviary) -> None:
    """Or the search would find nothing, whatever there is."""
    places = [*aviary.traces(aviary.marker)]

    for name in ("ingest.db", "alertstate.db", "nats"):
        assert any(name in place for place in places), places
    logged = b"".join(content for place, content in aviary.told.items() if "log" in place)
    assert b"EventService/PostEvent" in logged
    assert b"tocsin_rpc_total" in aviary.told["metrics of ingest"]
    assert b"http.edge" in aviary.told["/stats of envoy"]


def _hatch(aviary: Aviary) -> None:
    """Makes the secrets: some that work, some that look as if, some that never could."""
    with aviary.suite.client() as client:
        person = client.get("/api/users/current").json()["id"]
        policy = {"id": _policy(aviary, client, person)}
        for type_ in SOURCES:
            told = {"name": f"{type_} canary", "integrationType": type_, "escalationPolicy": policy}
            made = client.post("/api/alert-sources", json=told)
            assert made.status_code == 201, made.text
            aviary.canaries[f"a key of {type_}"] = key = made.json()["integrationKey"]
            path = made.json()["integrationUrl"].removeprefix(aviary.suite.url)
            aviary.doors |= {path} if key not in path else set()
        for scope in ("ingest", "alerts:read"):
            told = {"name": f"canary {scope}", "scopes": [scope]}
            made = client.post("/api/tokens", json=told)
            assert made.status_code == 201, made.text
            aviary.canaries[f"a token for {scope}"] = made.json()["token"]
        for contact in ({"method": "EMAIL", "target": "canary@example.com"}, *_urls(aviary)):
            made = client.post(f"/api/users/{person}/contacts", json=contact)
            assert made.status_code == 201, made.text
    forged = tokens.Token(tokens.new_token().id, tokens.new_token().secret)
    aviary.canaries["a token that nobody made"] = str(forged)
    aviary.canaries["a key that nobody made"] = "il1" + secrets.token_hex(20)
    aviary.canaries["a word"] = f"canary{secrets.token_hex(6)}"


def _urls(aviary: Aviary) -> Iterator[dict[str, str]]:
    """Yields contacts whose targets are secrets, and which nobody answers."""
    path, topic, token = (f"{word}{secrets.token_hex(12)}" for word in ("hook", "topic", "tk_"))
    aviary.canaries["where a person's pages are posted"] = path
    aviary.canaries["a person's push topic"] = topic
    aviary.canaries["the token of a push topic"] = token
    here = f"127.0.0.1:{free_port()}"
    yield {"method": "WEBHOOK", "target": f"http://{here}/{path}?{path}"}
    yield {"method": "PUSH", "target": f"http://:{token}@{here}/{topic}"}


def _policy(aviary: Aviary, client: httpx.Client, person: int) -> int:
    """Makes a policy that pages a person and calls a webhook, which nobody answers."""
    path = f"hook{secrets.token_hex(12)}"
    told = {"name": "canary", "url": f"http://127.0.0.1:{free_port()}/{path}?{path}"}
    made = client.post("/api/webhooks", json=told)
    assert made.status_code == 201, made.text
    former = made.json()["secret"]
    rotated = client.post(f"/api/webhooks/{made.json()['id']}/rotate-secret")
    assert rotated.status_code == 200, rotated.text
    aviary.canaries["the path of a webhook"] = path
    aviary.canaries["the former secret of a webhook"] = former.removeprefix("whsec_")
    aviary.canaries["the secret of a webhook"] = rotated.json()["secret"].removeprefix("whsec_")
    rule = {
        "escalationTimeout": 5,
        "users": [{"id": person}],
        "webhooks": [{"id": made.json()["id"]}],
    }
    policy = client.post(
        "/api/escalation-policies", json={"name": "canary", "escalationRules": [rule]}
    )
    assert policy.status_code == 201, policy.text
    id_: int = policy.json()["id"]
    return id_


def _event(marker: str) -> dict[str, Any]:
    """What every door takes."""
    alert = {
        "status": "firing",
        "title": marker,
        "fingerprint": "canary",
        "service": "TTYOPS canary",
    }
    return {
        **{"summary": marker, "eventType": "ALERT", "alertKey": "canary"},
        **{"title": marker, "status": "firing", "deduplication_key": "canary"},
        **{"message": marker, "alias": "canary"},
        **{"event_action": "trigger", "dedup_key": "canary", "payload": {"summary": marker}},
        "alerts": [alert],
    }


def _send_everywhere(aviary: Aviary, secret: str) -> None:
    suite, known = aviary.suite, _event(aviary.marker)
    with httpx.Client(base_url=suite.url, trust_env=False, timeout=10) as client:
        for path in {*PATHS, *aviary.doors}:
            for spelling in SPELLINGS:
                shown = {"Authorization": spelling.format(secret)}
                client.post(path, json=known, headers=shown)
            for name in HEADERS:
                client.post(path, json=known, headers={name: secret})
            for name in QUERIES:
                client.post(path, json=known, params={name: secret})
            for name in FIELDS:
                client.post(path, json={name: secret, **known})
                client.post(path, json={name: [secret], **known})
        for name in FIELDS:
            broken = f'{{"{name}": "{secret}", "eventType": "ALERT", "summary": NaN'
            client.post("/api/events", content=broken, headers=JSON)
        client.get("/api/alerts", auth=("user", secret))
        for verb, path in IN_PATHS:
            client.request(verb, path.format(secret), json=known)
        for path in PAGES:
            kept = {"Cookie": f"tocsin={secret}", "Origin": suite.url}
            client.get(path, headers=kept, params={"to": secret})
            client.post(path, headers=kept, data={"token": secret, "verb": secret, "to": secret})
    for target in (f"/api/events?token={secret}%00", f"http://x:{secret}@y/api/events"):
        send(suite.address, "POST", target, JSON, b"{}")


async def _call(suite: Suite, canaries: Iterable[str], marker: str) -> None:
    """The same over gRPC."""
    async with grpc.aio.insecure_channel(suite.address) as channel:
        events, alerts = EventServiceStub(channel), AlertServiceStub(channel)
        for secret in canaries:
            event = Event(api_key=secret, event_type=Event.Type.ALERT, summary=marker)
            calls: list[Any] = [events.SubmitEvent(SubmitEventRequest(event=event), timeout=10)]
            for spelling in SPELLINGS:
                metadata = [("authorization", spelling.format(secret))]
                calls.append(alerts.ListAlerts(ListAlertsRequest(), metadata=metadata, timeout=10))
            await asyncio.gather(*calls, return_exceptions=True)


def _settle(aviary: Aviary) -> None:
    """Waits until an alert was raised, and neither a mail nor a call about it could be sent."""
    log = aviary.suite.folder / "data" / "logs" / "notification.log"
    until(lambda: "SMTP" in log.read_text(), within=SECONDS)
    until(lambda: "cannot connect" in log.read_text(), within=SECONDS)


def _metrics(suite: Suite) -> dict[str, bytes]:
    """What the services and the edge measured, and how the edge is configured."""
    found = {}
    for service in ("ingest", "alertstate", "escalation", "notification"):
        environment = Path(f"/proc/{suite.pid_of(service)}/environ").read_bytes().decode()
        listen = re.search(rf"TOCSIN_{service.upper()}_METRICS_LISTEN=([^\0]+)", environment)
        assert listen
        answer = httpx.get(f"http://{listen[1]}/metrics", trust_env=False)
        found[f"metrics of {service}"] = answer.content
    config = yaml.safe_load((suite.folder / "data" / "envoy.yaml").read_text())
    socket = config["admin"]["address"]["pipe"]["path"]
    with httpx.Client(transport=httpx.HTTPTransport(uds=socket), base_url="http://envoy") as admin:
        for path in ("/stats", "/config_dump", "/clusters", "/runtime"):
            found[f"{path} of envoy"] = admin.get(path).content
    return found


def _command_lines(suite: Suite) -> dict[str, bytes]:
    """What everybody on the machine may read of the processes."""
    assert suite.process
    pids = [*map(suite.pid_of, CHILDREN), suite.process.pid, os.getpid()]
    return {f"the command of {pid}": Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids}


def _encoded(text: str) -> bytes:
    """A secret as Basic sends it, without the end, which depends on what follows."""
    return base64.b64encode(text.encode())[: len(text) // 3 * 4]

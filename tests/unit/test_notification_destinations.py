"""Where calls must not go, in every spelling; each connection is looked at, and none is made.

What a URL says is refused at once where it can be; what a name means is judged when it is called.
Nothing leaves this machine: connecting and asking for names are both in the tests' hands.
"""

import json
import socket
from asyncio import selector_events
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from services.chassis.addresses import Network, networks
from services.chassis.errors import InvalidRequest
from services.chassis.sealing import Sealer
from services.notification import destinations, targets
from services.notification.channels import asking
from services.notification.channels.events import events
from services.notification.domain.values import Failed, Hook, Method, Retry, Sent
from services.notification.webhooks import secret_context, url_context

CORPUS = json.loads(Path(__file__).with_name("destinations.json").read_text())
SEALER = Sealer({"k1": b"k" * 32})
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
PUBLIC = "93.184.215.14"
#: What names mean to the tests; all others mean a public address.
NAMES: Mapping[str, Sequence[str]] = CORPUS["names"]
FORMS: Sequence[str] = [*CORPUS["refused"], *CORPUS["refused_when_called"]]


class _Connected(OSError):
    """Somebody connected, which here is as far as it goes."""


@dataclass
class Machine:
    """What the machine's network is to the code under test."""

    connects: list[str] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)
    names: dict[str, Sequence[str] | Callable[[], Sequence[str]]] = field(
        default_factory=lambda: dict(NAMES)
    )

    def resolve(self, host: Any, port: Any, *args: Any, **more: Any) -> list[Any]:
        """Answers for a name server; an address in any of the system's spellings is one."""
        name = host.decode() if isinstance(host, bytes) else host
        self.lookups.append(name)
        known = self.names.get(name.lower()) or [self._literal(name)]
        found = known() if callable(known) else known
        return [_place(address, port) for address in found]

    def _literal(self, name: str) -> str:
        try:
            return socket.inet_ntoa(socket.inet_aton(name))
        except (OSError, UnicodeError):
            pass
        try:
            return str(ip_address(name))
        except ValueError:
            return PUBLIC

    async def connect(self, loop: Any, sock: socket.socket, address: Any) -> None:
        """Takes note of where a connection would go."""
        self.connects.append(address[0])
        raise _Connected(f"to {address[0]}")


def _place(address: str, port: int) -> tuple[Any, ...]:
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()

    async def connect(loop: Any, sock: socket.socket, address: Any) -> None:
        await made.connect(loop, sock, address)

    monkeypatch.setattr(socket, "getaddrinfo", made.resolve)
    monkeypatch.setattr(selector_events.BaseSelectorEventLoop, "sock_connect", connect)
    return made


def hook(url: str) -> Hook:
    secret = SEALER.seal(SECRET, secret_context(1))
    return Hook(1, "bot", SEALER.seal(url, url_context(1)), (secret,))


async def call(url: str, allowed: Sequence[Network] = ()) -> Sent | Retry | Failed:
    """Calls a URL, whoever checked it or not."""
    async with events(SEALER, allowed) as posting:
        return await posting.post(hook(url), "event:alert:1:1", b"{}", NOW, 5)


def topic(url: str) -> str:
    """Returns the URL of an ntfy topic at a URL's host."""
    return f"{url.rstrip('/')}/topic"


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(FORMS) == len(set(FORMS)) >= 80


@pytest.mark.parametrize("url", CORPUS["refused"])
def test_what_says_itself_that_it_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        destinations.checked(url, "url", ())
    assert refused.value.field == "url"


@pytest.mark.parametrize("kind", [Method.WEBHOOK, Method.PUSH])
@pytest.mark.parametrize("url", CORPUS["refused"])
def test_no_contact_leads_there(kind: Method, url: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        targets.checked(kind, topic(url) if kind is Method.PUSH else url)
    assert refused.value.field == targets.FIELD


@pytest.mark.parametrize("url", CORPUS["refused_when_called"])
def test_what_only_its_name_server_knows_is_taken(url: str) -> None:
    assert destinations.checked(url, "url", ()) == url


async def test_no_form_is_connected_to(network: Machine) -> None:
    """Not even those that are refused before, if they came here nevertheless."""
    async with events(SEALER, ()) as posting:
        for url in FORMS:
            before = len(network.connects)
            outcome = await posting.post(hook(url), "event:alert:1:1", b"{}", NOW, 5)

            connects = network.connects[before:]
            assert isinstance(outcome, Retry | Failed), url
            assert set(connects) <= {PUBLIC}, url
            if url in CORPUS["refused_when_called"]:
                assert connects == [], url
                assert "where this deployment calls nobody" in outcome.why, url


async def test_no_provider_is_called_there(network: Machine) -> None:
    """ntfy, Twilio, Telegram, Slack and the gateway are all asked over these connections."""
    async with asking.opened(()) as client:
        for url in FORMS:
            before = len(network.connects)
            with pytest.raises(asking.NotTaken) as refused:
                await asking.ask(client, "POST", url, seconds=5, content=b"{}")

            connects = network.connects[before:]
            assert set(connects) <= {PUBLIC}, url
            if url in CORPUS["refused_when_called"]:
                assert connects == [], url
                assert isinstance(refused.value, asking.Unusable), url


@pytest.mark.parametrize("url", CORPUS["taken"])
async def test_what_is_public_is_connected_to(network: Machine, url: str) -> None:
    assert destinations.checked(url, "url", ()) == url
    await call(url)
    assert len(network.connects) == 1


async def test_a_name_that_means_something_else_a_moment_later_changes_nothing(
    network: Machine,
) -> None:
    """Rebinding: what was judged is what is connected to; the name is asked for once."""
    answers = iter([[PUBLIC], ["127.0.0.1"], ["169.254.169.254"]])
    network.names["rebind.example"] = lambda: next(answers)

    await call("https://rebind.example/")

    assert network.connects == [PUBLIC]
    assert network.lookups == ["rebind.example"]
    outcome = await call("https://rebind.example/")  # the next call judges anew
    assert isinstance(outcome, Retry)
    assert outcome.why == "not called: the host is 127.0.0.1, where this deployment calls nobody"
    assert network.connects == [PUBLIC]


@pytest.mark.parametrize(
    "addresses",
    [[PUBLIC, "10.0.0.1"], ["::1", PUBLIC], ["2606:4700::1111", "fd00:ec2::254"]],
)
async def test_one_address_that_is_not_public_is_one_too_many(
    network: Machine, addresses: list[str]
) -> None:
    network.names["mixed.example"] = addresses

    outcome = await call("https://mixed.example/")

    assert isinstance(outcome, Retry)
    assert network.connects == []


@pytest.mark.parametrize(
    ("allow", "url", "goes"),
    [
        ("10.20.0.0/16", "http://10.20.1.1/", "10.20.1.1"),
        ("10.20.0.0/16", "http://[::ffff:10.20.1.1]/", "10.20.1.1"),
        ("10.20.0.0/16", "http://10.21.1.1/", None),
        ("10.20.0.0/16", "http://127.0.0.1/", None),
        ("127.0.0.0/8", "http://localhost:8080/", "127.0.0.1"),
        ("127.0.0.0/8", "http://2130706433/", "127.0.0.1"),
        ("::1/128", "http://[::1]:8080/", "::1"),
        ("fc00::/7", "http://[fd12::1]/", "fd12::1"),
        ("fc00::/7", "http://[fd00:ec2::254]/", None),  # a cloud's credentials
        ("169.254.0.0/16", "http://169.254.169.254/", None),
        ("169.254.0.0/16", "http://169.254.1.1/", "169.254.1.1"),
        ("169.254.169.254/32", "http://169.254.169.254/", "169.254.169.254"),
        ("100.64.0.0/10", "http://100.100.100.200/", None),
        ("0.0.0.0/0", "http://169.254.169.254/", None),
        ("10.0.0.0/8", "http://10.0.0.1:22/", None),
    ],
)
async def test_what_is_allowed_besides_is_that_alone(
    network: Machine, allow: str, url: str, goes: str | None
) -> None:
    allowed = networks(allow)
    network.names["localhost"] = ["127.0.0.1"]

    await call(url, allowed)

    reached = [str(getattr(ip_address(a), "ipv4_mapped", None) or a) for a in network.connects]
    assert reached == ([] if goes is None else [goes])
    expected: AbstractContextManager[Any] = nullcontext() if goes else pytest.raises(InvalidRequest)
    with expected:
        destinations.checked(url, "url", allowed)

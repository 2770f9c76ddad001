"""One suite for all the stories, with somewhere to see its pages."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.parts.ports import free_port
from tests.parts.smtp import SmtpSink, smtp_sink
from tests.parts.suite import Suite, running_suite
from tests.parts.team import Team, make_team
from tests.parts.twilio import Twilio, twilio, twilio_settings
from tests.parts.webhook import WebhookSink, webhook_sink

BOT, TELEGRAM_SECRET = "123456:AAH-of_the_bot", "secret_of_the_webhook"
SLACK_APP, SLACK_SIGNING = "xoxb-of-the-app", "8f742231b10e8888abcd99yyyzzz85a5"
APPRISE_SCHEMES = "json"


@pytest.fixture(scope="session")
def mail_port() -> int:
    """Where the suite sends its mail; a test that wants it listens there."""
    return free_port()


@pytest.fixture(scope="session")
def telephone_port() -> int:
    """Where the suite sends text messages and calls; a test that wants them listens there."""
    return free_port()


@pytest.fixture(scope="session")
def messenger_port() -> int:
    """Where the suite finds ntfy, Telegram and Slack; a test that wants one listens there."""
    return free_port()


@pytest.fixture(scope="session")
def suite(
    tmp_path_factory: pytest.TempPathFactory,
    mail_port: int,
    telephone_port: int,
    messenger_port: int,
) -> Iterator[Suite]:
    """A suite that all stories share: each makes its own people, policy and source."""
    folder: Path = tmp_path_factory.mktemp("suite")
    telephones = twilio_settings(f"http://127.0.0.1:{telephone_port}")
    messengers = f"http://127.0.0.1:{messenger_port}"
    settings = {
        "TOCSIN_SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
        # Nobody listens there but in some tests, whose mail shall come at once.
        "TOCSIN_NOTIFICATION_PROVIDER_FAILURES": "100",
        "TOCSIN_NTFY_URL": messengers,
        "TOCSIN_TELEGRAM_TOKEN": BOT,
        "TOCSIN_TELEGRAM_SECRET": TELEGRAM_SECRET,
        "TOCSIN_TELEGRAM_URL": messengers,
        "TOCSIN_SLACK_TOKEN": SLACK_APP,
        "TOCSIN_SLACK_SIGNING_SECRET": SLACK_SIGNING,
        "TOCSIN_SLACK_URL": messengers,
        "TOCSIN_APPRISE_SCHEMES": APPRISE_SCHEMES,
    }
    with running_suite(folder, **settings, **telephones) as started:
        yield started


@pytest.fixture
async def webhook() -> AsyncIterator[WebhookSink]:
    async with webhook_sink() as sink:
        yield sink


@pytest.fixture
async def mail(mail_port: int) -> AsyncIterator[SmtpSink]:
    async with smtp_sink(mail_port) as sink:
        yield sink


@pytest.fixture
def client(suite: Suite) -> Iterator[httpx.Client]:
    """The suite's REST edge, for whoever made the suite."""
    with suite.client() as opened:
        yield opened


@pytest.fixture
def team(suite: Suite, webhook: WebhookSink) -> Team:
    """People of the test's own, whose pages arrive at its webhook."""
    return make_team(suite, webhook)


@pytest.fixture
async def telephone(telephone_port: int) -> AsyncIterator[Twilio]:
    async with twilio(telephone_port) as there:
        yield there

"""E-mails: two parts, one thread, and a server that insists on encryption and a password."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.notification.channels.email import Email
from services.notification.domain.values import Method, Page, Retry, Sent
from tests.integration.notification_house import House, notification
from tests.parts.certificates import own_certificate
from tests.parts.pages import LINK, a_page, stand_down
from tests.parts.smtp import Mail, smtp_sink
from tocsin.escalation.v1.escalation_events_pb2 import UserChanged
from tocsin.escalation.v1.user_pb2 import User

SENDER = "Tocsin <tocsin@example.com>"


async def sent(page: Page) -> Mail:
    async with smtp_sink() as mails:
        channel = Email(f"smtp://127.0.0.1:{mails.port}", SENDER)
        assert isinstance(await channel.send(page), Sent)
        (mail,) = mails.mails
    return mail


async def test_a_mail_has_two_parts() -> None:
    mail = await sent(a_page(language="de", intent={"title": "Größe: 97 % belegt"}))

    assert mail.message.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in mail.message.iter_parts()]
    assert kinds == ["text/plain", "text/html"]  # what comes last is shown
    assert mail.message["Subject"] == "[tocsin] Größe: 97 % belegt"
    assert "Größe: 97 % belegt\n\nDies ist Stufe 1 von 3.\n" in mail.text
    assert f'<a href="{LINK}"' in mail.html
    assert "<strong>97 %</strong>" in mail.html
    assert mail.message["Content-Language"] == "de"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["List-Id"] == "Tocsin <pages.example.com>"


async def test_all_mails_about_one_subject_are_a_thread() -> None:
    first = await sent(a_page())
    again = await sent(a_page())
    over = await sent(stand_down())
    other = await sent(a_page(intent={"subject_id": "8"}))

    assert first.message["Message-ID"] == again.message["Message-ID"]
    assert first.message["Message-ID"] != over.message["Message-ID"]
    assert first.message["References"] == over.message["References"]
    assert first.message["In-Reply-To"] == over.message["References"]
    assert first.message["References"] != other.message["References"]


async def test_no_word_of_others_becomes_a_header() -> None:
    evil = "x\r\nBcc: eve@example.com\u2028Bcc: eve@example.com\x85\x0bBcc: eve@example.com"
    mail = await sent(
        a_page(
            user_name=evil,
            others=(evil,),
            notification={"key": evil},
            intent={"title": evil, "subject_kind": evil, "subject_id": evil},
        )
    )

    assert mail.message["Bcc"] is None
    assert str(mail.message["Subject"]).count("Bcc") == 3
    assert mail.recipients == ("ada@example.com",)


async def test_a_server_may_insist_on_encryption_and_a_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = own_certificate(tmp_path)
    async with smtp_sink(tls=context, account=("ada", "p@ss/word")) as mails:
        right = Email(f"smtp+starttls://ada:p%40ss%2Fword@127.0.0.1:{mails.port}", SENDER)
        wrong = Email(f"smtp+starttls://ada:guess@127.0.0.1:{mails.port}", SENDER)

        assert isinstance(await right.send(a_page()), Retry)  # nobody vouches for the server
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert await wrong.send(a_page()) == Retry("the SMTP server refuses the log-in (535)")
        assert await right.send(a_page()) == Sent()

        (mail,) = mails.mails
    assert "This is level 1 of 3." in mail.text
    assert "This is level 1 of 3." in mail.html


@pytest.fixture
async def house(any_database_url: str) -> AsyncIterator[House]:
    async with notification(any_database_url) as house:
        yield house


async def test_a_page_is_told_in_the_language_and_time_of_the_person(house: House) -> None:
    bob = User(id=2, first_name="Bob", last_name="Boyle", language="de", timezone="Asia/Kolkata")
    await house.react(UserChanged(user=bob, version=1))
    await house.reach(Method.EMAIL, "bob@example.com", user_id=2)
    await house.reach(Method.EMAIL, "ada@example.com")
    await house.react(UserChanged(user=User(id=3, first_name="Cleo"), version=1))
    await house.page(user_ids=[1, 2], webhook_ids=[5])
    await house.page(user_ids=[3], cycle=1)  # of another round: not in their company

    await house.deliverer.step()

    said = {mail.recipients[0]: mail.text for mail in house.mails.mails}
    assert "Ebenfalls benachrichtigt: Ada Lovelace, webhook 5.\n" in said["bob@example.com"]
    assert " Uhr IST benachrichtigt, wenn niemand annimmt.\n" in said["bob@example.com"]
    assert "Also paged: Bob Boyle, webhook 5.\n" in said["ada@example.com"]
    assert " UTC unless somebody accepts.\n" in said["ada@example.com"]

"""What messages say that are no pages, word for word."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.notification.domain.news import News, What
from services.notification.domain.values import Kind, Page
from services.notification.messages import compose
from services.notification.messages.sms import MOST_SEGMENTS, segments
from services.notification.messages.voice import MOST_CHARACTERS
from tests.parts.pages import LINK, NOW, a_page


def news(what: What, kind: Kind = Kind.UPDATE, **more: Any) -> Page:
    return a_page(notification={"kind": kind}, news=News(what=what, **more))


SHIFT = a_page(
    notification={"kind": Kind.DUTY},
    intent={"title": "Night", "subject_kind": "schedule", "subject_id": "4", "level_count": 0},
    news=News(what=What.ON_CALL, start=NOW + timedelta(hours=1), end=NOW + timedelta(hours=9)),
)
CODE = a_page(notification={"kind": Kind.VERIFICATION}, code="120457")
TEST = a_page(intent={"subject_kind": "test", "title": "Test page"})


@pytest.mark.parametrize(
    ("page", "english", "german"),
    [
        (
            news(What.ACCEPTED, by="Bob Boyle"),
            ("Accepted by Bob Boyle: disk full on db-1", "You asked to be told."),
            ("Von Bob Boyle angenommen: disk full on db-1", "Sie wollten davon hören."),
        ),
        (
            news(What.ACCEPTED),
            ("Accepted: disk full on db-1", "You asked to be told."),
            ("Angenommen: disk full on db-1", "Sie wollten davon hören."),
        ),
        (
            news(What.RESOLVED, by="Bob Boyle"),
            ("Resolved by Bob Boyle: disk full on db-1", "You asked to be told."),
            ("Von Bob Boyle gelöst: disk full on db-1", "Sie wollten davon hören."),
        ),
        (
            news(What.RESOLVED),
            ("Resolved: disk full on db-1", "You asked to be told."),
            ("Gelöst: disk full on db-1", "Sie wollten davon hören."),
        ),
        (
            news(What.ESCALATED, level=2),
            ("Escalated: disk full on db-1", "Level 2 is paged now.", "You asked to be told."),
            (
                "Eskaliert: disk full on db-1",
                "Stufe 2 wird jetzt benachrichtigt.",
                "Sie wollten davon hören.",
            ),
        ),
        (
            SHIFT,
            (
                "Your shift in Night begins at 11:00 CET",
                "It ends at 19:00 CET.",
                "You asked to be told.",
            ),
            (
                "Ihre Schicht in Night beginnt um 11:00 Uhr MEZ",
                "Sie endet um 19:00 Uhr MEZ.",
                "Sie wollten davon hören.",
            ),
        ),
        (
            CODE,
            (
                "Your Tocsin code: 120457",
                "It shows that this contact is yours. If you did not ask for it, do nothing.",
            ),
            (
                "Ihr Tocsin-Code: 120457",
                "Er zeigt, dass dieser Kontakt Ihnen gehört. Haben Sie ihn nicht verlangt,"
                " tun Sie nichts.",
            ),
        ),
    ],
)
def test_what_news_say(page: Page, english: tuple[str, ...], german: tuple[str, ...]) -> None:
    for language, told in (("en", english), ("de", german)):
        said = compose(replace(page, language=language))
        assert (said.headline, *said.lines) == told


def test_a_test_page_says_what_it_is() -> None:
    assert compose(TEST).headline == "Test: a page to see whether it arrives"
    german = compose(replace(TEST, language="de")).headline
    assert german == "Test: eine Meldung, die zeigt, ob sie ankommt"
    assert compose(TEST).actions


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    "page", [news(What.ESCALATED, level=2), news(What.RESOLVED, by="Bob"), SHIFT, CODE]
)
def test_every_channel_has_them_and_nobody_is_asked_for_an_answer(
    page: Page, language: str
) -> None:
    said = compose(replace(page, language=language))

    assert segments(said.sms("7Q")) <= MOST_SEGMENTS
    assert len(said.voice) <= MOST_CHARACTERS
    assert said.push.title == said.headline
    for text in (said.sms("7Q"), said.text, said.html, said.chat.plain):
        assert said.headline in text
        assert LINK not in text
    assert said.actions == ()
    assert "7Q" not in said.sms("7Q")
    assert not {"1", "4"} & set(said.voice.replace("1 2 0 4 5 7", "").split())

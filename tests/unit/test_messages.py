"""What messages say, word for word: by language, situation and channel."""

import string
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from services.notification.domain.values import Link, Page
from services.notification.messages import compose
from services.notification.messages.catalogue import Catalogue, Plural
from services.notification.messages.de import GERMAN
from services.notification.messages.en import ENGLISH
from services.notification.messages.message import LANGUAGES, Action
from services.notification.messages.times import told
from tests.parts.pages import LINK, NOW, a_page, bundle, stand_down

LAST = {"level": 3, "next_step_time": NOW + timedelta(minutes=5)}
ALONE = {"next_step_time": None}
CALLED = {"level": 1001, "level_count": 0, "next_step_time": None}
LATE = NOW + timedelta(minutes=12)
DAY, WEEK = NOW + timedelta(days=1), NOW + timedelta(days=9)


def test_a_page_in_english() -> None:
    assert compose(a_page()).text == (
        "disk full on db-1\n"
        "\n"
        "This is level 1 of 3.\n"
        "Level 2 is paged at 10:05 CET unless somebody accepts.\n"
        "Also paged: Bob Boyle, status room.\n"
        "\n"
        "Answer here: https://tocsin.example/m/c2VjcmV0\n"
        "\n"
        "**97 %** of `/var`\n"
        "\n"
        "Runbook: https://example.com/disk\n"
        "\n"
        "This is about alert 7.\n"
        "Sent to Ada Lovelace by Tocsin.\n"
    )


def test_a_page_in_german() -> None:
    assert compose(a_page(language="de")).text == (
        "disk full on db-1\n"
        "\n"
        "Dies ist Stufe 1 von 3.\n"
        "Stufe 2 wird um 10:05 Uhr MEZ benachrichtigt, wenn niemand annimmt.\n"
        "Ebenfalls benachrichtigt: Bob Boyle, status room.\n"
        "\n"
        "Hier antworten: https://tocsin.example/m/c2VjcmV0\n"
        "\n"
        "**97 %** of `/var`\n"
        "\n"
        "Runbook: https://example.com/disk\n"
        "\n"
        "Es geht um Alarm 7.\n"
        "Von Tocsin an Ada Lovelace gesendet.\n"
    )


@pytest.mark.parametrize(
    ("page", "english", "german"),
    [
        (a_page(), "disk full on db-1", "disk full on db-1"),
        (
            a_page(intent={"priority": "LOW"}),
            "Low priority: disk full on db-1",
            "Niedrige Priorität: disk full on db-1",
        ),
        (
            a_page(notification={"possible_repeat": True}),
            "disk full on db-1 (possible repeat)",
            "disk full on db-1 (mögliche Wiederholung)",
        ),
        (
            a_page(intent={"subject_kind": "test", "priority": "LOW"}),
            "Test: disk full on db-1",
            "Test: disk full on db-1",
        ),
        (
            bundle(2),
            "2 alerts: disk full on db-1 and 1 more",
            "2 Alarme: disk full on db-1 und 1 weiterer",
        ),
        (
            bundle(13),
            "13 alerts: disk full on db-1 and 12 more",
            "13 Alarme: disk full on db-1 und 12 weitere",
        ),
        (
            stand_down(ended_by="Bob Boyle", reason="accepted"),
            "Stood down: disk full on db-1 was accepted by Bob Boyle",
            "Entwarnung: disk full on db-1 wurde von Bob Boyle angenommen",
        ),
        (
            stand_down(reason="accepted"),
            "Stood down: disk full on db-1 was accepted",
            "Entwarnung: disk full on db-1 wurde angenommen",
        ),
        (
            stand_down(ended_by="Bob Boyle", reason="stopped"),
            "Stood down by Bob Boyle: disk full on db-1 needs nobody any more",
            "Entwarnung von Bob Boyle: disk full on db-1 braucht niemanden mehr",
        ),
        (
            stand_down(reason="stopped"),
            "Stood down: disk full on db-1 needs nobody any more",
            "Entwarnung: disk full on db-1 braucht niemanden mehr",
        ),
        (a_page(intent={"title": " \x00\n"}), "untitled", "ohne Titel"),
        (a_page(intent={"title": "a\r\nb\u202ec {title}"}), "a bc {title}", "a bc {title}"),
    ],
)
def test_the_headline(page: Page, english: str, german: str) -> None:
    assert compose(page).headline == english
    assert compose(replace(page, language="de")).headline == german


@pytest.mark.parametrize(
    ("page", "english", "german"),
    [
        (
            a_page(intent=ALONE, others=()),
            ("This is level 1 of 3.", "Nobody else will be paged."),
            ("Dies ist Stufe 1 von 3.", "Weiter wird niemand benachrichtigt."),
        ),
        (
            a_page(intent=LAST, others=("Bob",)),
            (
                "This is level 3 of 3.",
                "Paging begins again with level 1 at 10:05 CET unless somebody accepts.",
                "Also paged: Bob.",
            ),
            (
                "Dies ist Stufe 3 von 3.",
                "Wenn niemand annimmt, geht es um 10:05 Uhr MEZ wieder mit Stufe 1 los.",
                "Ebenfalls benachrichtigt: Bob.",
            ),
        ),
        (
            a_page(attempt_time=LATE, others=tuple("ABCDEF")),
            (
                "This is level 1 of 3.",
                "Level 2 was due to be paged at 10:05 CET.",
                "Also paged: A, B, C, D, E and 1 more.",
                "Asked for 12 minutes ago, at 10:00 CET.",
            ),
            (
                "Dies ist Stufe 1 von 3.",
                "Stufe 2 sollte um 10:05 Uhr MEZ benachrichtigt werden.",
                "Ebenfalls benachrichtigt: A, B, C, D, E und 1 weiterer Empfänger.",
                "Angefordert vor 12 Minuten, um 10:00 Uhr MEZ.",
            ),
        ),
        (
            a_page(intent=LAST, attempt_time=NOW + timedelta(hours=3), others=tuple("ABCDEFG")),
            (
                "This is level 3 of 3.",
                "Paging was due to begin again with level 1 at 10:05 CET.",
                "Also paged: A, B, C, D, E and 2 more.",
                "Asked for 3 hours ago, at 10:00 CET.",
            ),
            (
                "Dies ist Stufe 3 von 3.",
                "Es sollte um 10:05 Uhr MEZ wieder mit Stufe 1 losgehen.",
                "Ebenfalls benachrichtigt: A, B, C, D, E und 2 weitere Empfänger.",
                "Angefordert vor 3 Stunden, um 10:00 Uhr MEZ.",
            ),
        ),
        (
            a_page(intent=CALLED, others=(), attempt_time=NOW + timedelta(seconds=119)),
            (
                "Somebody asked for you by name.",
                "Nobody else will be paged.",
                "Asked for 1 minute ago, at 10:00 CET.",
            ),
            (
                "Sie wurden namentlich hinzugerufen.",
                "Weiter wird niemand benachrichtigt.",
                "Angefordert vor 1 Minute, um 10:00 Uhr MEZ.",
            ),
        ),
        (
            a_page(intent=CALLED | {"subject_kind": "test"}, others=()),
            ("This is a test page: nothing is wrong.", "Nobody else will be paged."),
            ("Dies ist ein Test: Es ist nichts passiert.", "Weiter wird niemand benachrichtigt."),
        ),
        (
            bundle(2, intent={"priority": "LOW"}),
            (
                "disk full on db-1",
                "disk full on db-2",
                "Accepting accepts all of them.",
                "The next level is paged at 10:05 CET unless somebody accepts.",
            ),
            (
                "disk full on db-1",
                "disk full on db-2",
                "Wer annimmt, nimmt alle an.",
                "Die nächste Stufe wird um 10:05 Uhr MEZ benachrichtigt, wenn niemand annimmt.",
            ),
        ),
        (
            stand_down(reason="accepted", attempt_time=LATE),
            ("There is nothing left to do.",),
            ("Es ist nichts mehr zu tun.",),
        ),
    ],
)
def test_the_sentences(page: Page, english: tuple[str, ...], german: tuple[str, ...]) -> None:
    assert compose(page).lines == english
    assert compose(replace(page, language="de")).lines == german


def test_a_large_bundle_says_how_many_more_there_are() -> None:
    *titles, last = compose(bundle(22)).said.bundle()
    assert (len(titles), last) == (10, "and 12 more")
    assert compose(bundle(22)).text.startswith(
        "22 alerts: disk full on db-1 and 21 more\n\n22 alerts:\n- disk full on db-1\n"
    )
    assert compose(bundle(11, language="de")).said.bundle()[-1] == "und 1 weiterer"


@pytest.mark.parametrize(
    ("timezone", "moment", "english", "german"),
    [
        ("Europe/Berlin", NOW, "at 10:00 CET", "um 10:00 Uhr MEZ"),
        ("Europe/Berlin", DAY, "on Tuesday at 10:00 CET", "am Dienstag um 10:00 Uhr MEZ"),
        ("Europe/Berlin", WEEK, "on 2 December at 10:00 CET", "am 2. Dezember um 10:00 Uhr MEZ"),
        ("America/New_York", NOW, "at 04:00 EST", "um 04:00 Uhr EST"),
        ("Pacific/Kiritimati", NOW, "at 23:00 UTC+14", "um 23:00 Uhr UTC+14"),
        ("", NOW, "at 09:00 UTC", "um 09:00 Uhr UTC"),
        ("Mars/Olympus", NOW, "at 09:00 UTC", "um 09:00 Uhr UTC"),
    ],
)
def test_times_are_those_of_the_person(
    timezone: str, moment: datetime, english: str, german: str
) -> None:
    assert told(moment, NOW, timezone, ENGLISH, zone=True) == english
    assert told(moment, NOW, timezone, GERMAN, zone=True) == german


def test_summer_time_has_its_own_abbreviation() -> None:
    summer = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
    assert told(summer, summer, "Europe/Berlin", GERMAN, zone=True) == "um 10:00 Uhr MESZ"


def test_a_short_message() -> None:
    assert compose(a_page(language="de")).sms("K7") == (
        "disk full on db-1\n"
        "Dies ist Stufe 1 von 3.\n"
        "Stufe 2 wird um 10:05 Uhr MEZ benachrichtigt, wenn niemand annimmt.\n"
        "Ebenfalls benachrichtigt: Bob Boyle, status room.\n"
        "Antworten Sie 1 K7 zum Annehmen, 4 K7 zum Lösen, 6 K7 zum Eskalieren.\n"
        "https://tocsin.example/m/c2VjcmV0"
    )
    assert compose(a_page(intent=ALONE | {"level": 3}, link="", others=())).sms("K7") == (
        "disk full on db-1\n"
        "This is level 3 of 3.\n"
        "Nobody else will be paged.\n"
        "Reply 1 K7 to accept, 4 K7 to resolve."
    )


def test_a_call() -> None:
    title = "CPU > 90 % on i-0abc12345def (12GB) https://example.com/x_y"
    assert compose(a_page(intent={"title": title})).voice == (
        "CPU above 90 percent on i ending in 5 d e f, 12 gigabytes. This is level 1 of 3."
        " Level 2 is paged at 10:05 unless somebody accepts. Also paged: Bob Boyle, status room."
        " Press 1 to accept. Press 4 to resolve. Press 6 to escalate."
    )
    assert compose(a_page(language="de", intent=ALONE | {"level": 3}, others=())).voice == (
        "disk full on db 1. Dies ist Stufe 3 von 3. Weiter wird niemand benachrichtigt."
        " Zum Annehmen drücken Sie die 1. Zum Lösen drücken Sie die 4."
    )


def test_a_push_and_a_chat() -> None:
    push, chat = compose(a_page()).push, compose(a_page(language="de")).chat
    assert push.title == "disk full on db-1"
    assert push.body == (
        "This is level 1 of 3.\nLevel 2 is paged at 10:05 CET unless somebody accepts.\n"
        "Also paged: Bob Boyle, status room.\n**97 %** of `/var`"
    )
    assert chat.plain == (
        "disk full on db-1\nDies ist Stufe 1 von 3.\n"
        "Stufe 2 wird um 10:05 Uhr MEZ benachrichtigt, wenn niemand annimmt.\n"
        "Ebenfalls benachrichtigt: Bob Boyle, status room.\nEs geht um Alarm 7.\n\n"
        "**97 %** of `/var`\nRunbook: https://example.com/disk\n"
        "Hier antworten: https://tocsin.example/m/c2VjcmV0"
    )
    assert chat.lines[-1] == "Es geht um Alarm 7."
    assert chat.links == (Link("https://example.com/disk", "Runbook"),)
    assert chat.actions == (
        Action("ACCEPT", "Annehmen"),
        Action("RESOLVE", "Lösen"),
        Action("ESCALATE", "Eskalieren"),
    )


def test_a_stand_down_asks_for_nothing() -> None:
    said = compose(stand_down(reason="accepted"))
    assert said.actions == ()
    assert LINK not in said.text + said.html + said.sms("K7") + said.voice + said.chat.plain
    assert "Press" not in said.voice
    assert "97" not in said.text


def test_the_html_shows_what_others_wrote_and_does_nothing() -> None:
    evil = '<script>alert("1")</script>'
    links = (Link("javascript:alert(1)", "x"), Link("https://example.com/?a=1&b=2", evil))
    page = a_page(
        user_name=evil,
        others=(evil,),
        intent={"title": evil, "details": f"{evil} [x](javascript:alert(1))", "links": links},
    )
    html = compose(page).html
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "<h1" in html
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;</h1>" in html
    assert 'href="https://example.com/?a=1&amp;b=2"' in html


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "x", "https://a/ b", f"https://a/{'x' * 1000}"]
)
def test_what_is_no_link_is_not_offered(link: str) -> None:
    assert compose(a_page(link=link)).link == ""


def test_an_unknown_language_is_english() -> None:
    assert compose(a_page(language="tlh")).language == "en"


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
def test_every_language_says_all_of_it(words: Catalogue) -> None:
    for field in fields(Catalogue):
        theirs, ours = getattr(words, field.name), getattr(ENGLISH, field.name)
        assert theirs or field.name == "zones", field.name
        if isinstance(theirs, str | Plural):
            assert _places(theirs) == _places(ours), field.name
    assert (len(words.weekdays), len(words.months)) == (7, 12)
    assert set(words.signs) == set(ENGLISH.signs)
    assert set(words.units) == set(ENGLISH.units)


def _places(sentence: str | Plural) -> set[str]:
    whole = sentence if isinstance(sentence, str) else sentence.one + sentence.many
    return {name for _, name, _, _ in string.Formatter().parse(whole) if name} - {"zone"}

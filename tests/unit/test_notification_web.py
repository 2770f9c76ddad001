"""What the pages are made of, without a page: words, times, forms, files, how things stand."""

import string
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.struct_pb2 import Struct

from services.chassis.errors import InvalidRequest
from services.chassis.tokens import new_token
from services.notification.domain.answers import Stand, Standing, Verb
from services.notification.web import content, duty, files, forms, replies, standing
from services.notification.web.message_pages import _banner
from services.notification.web.owners import Known
from services.notification.web.readers import stranger
from services.notification.web.times import Times, zone
from services.notification.web.visiting import Browser
from services.notification.web.words import LANGUAGES, TEXTS, Words, preferred
from tocsin.alertstate.v1.alert_pb2 import Alert, Responder
from tocsin.edge.v1.content_pb2 import Image, Link
from tocsin.escalation.v1 import on_call_service_pb2 as on_calls
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.escalation.v1.schedule_pb2 import Schedule
from tocsin.escalation.v1.user_pb2 import User

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
ENGLISH = Times(NOW, zone("Europe/Berlin"), Words("en"))
GERMAN = Times(NOW, zone("Europe/Berlin"), Words("de"))
FORM = "application/x-www-form-urlencoded"


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_text_says_the_same_in_each_language(name: str) -> None:
    texts = TEXTS[name]
    assert len(texts) == len(LANGUAGES)
    assert all(texts)
    assert len({frozenset(names(text)) for text in texts}) == 1


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr,de;q=0.3,en;q=0.5", "en"),
        ("de;q=x,en;q=0.1", "en"),
        ("x" * 100_000, "en"),
    ],
)
def test_a_browser_says_its_language(header: str, language: str) -> None:
    assert preferred(header) == language


@pytest.mark.parametrize(
    ("seconds", "english", "german"),
    [
        (-5, "0 s ago", "vor 0 s"),
        (89, "89 s ago", "vor 89 s"),
        (90, "1 min ago", "vor 1 Min."),
        (5400, "1 h ago", "vor 1 Std."),
        (3 * 86400, "3 d ago", "vor 3 T."),
    ],
)
def test_how_long_ago_something_was(seconds: int, english: str, german: str) -> None:
    then = NOW - timedelta(seconds=seconds)
    assert (ENGLISH.ago(then), GERMAN.ago(then)) == (english, german)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "now"), (-3, "now"), (9, "in 0:09"), (190, "in 3:10"), (3600, "in 1:00:00")],
)
def test_how_long_it_is_until_something(seconds: int, told: str) -> None:
    assert ENGLISH.left(NOW + timedelta(seconds=seconds)) == told


def test_a_time_is_on_the_clock_of_its_reader() -> None:
    # At half past one in UTC, the clocks of Berlin have just gone forward to half past three.
    assert ENGLISH.clock(NOW) == "03:30:00"
    assert ENGLISH.clock(NOW - timedelta(hours=1)) == "01:30:00"
    assert ENGLISH.clock(NOW - timedelta(days=1)) == "28 Mar 02:30"
    assert GERMAN.clock(NOW - timedelta(days=1)) == "28. März 02:30"
    assert zone("Nowhere/Land").key == zone("../../etc/passwd").key == zone("").key == "UTC"


@pytest.mark.parametrize(
    ("data", "media_type", "told"),
    [
        (b"verb=accept&content=a+b%26c%0D%0Ad", FORM, {"verb": "accept", "content": "a b&c\r\nd"}),
        (b"verb=accept&verb=resolve", f"{FORM}; charset=utf-8", {"verb": "accept"}),
        (b"verb=", FORM.upper(), {"verb": ""}),
        (b"", "", {}),
    ],
)
def test_a_form_is_read(data: bytes, media_type: str, told: dict[str, str]) -> None:
    assert forms.fields(HttpBody(data=data, content_type=media_type)) == told


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"verb=accept", "text/plain"),
        (b"verb=accept", ""),
        (b'{"verb":"accept"}', "application/json"),
        (b"verb=\xff", FORM),
        (b"verb=%ff", FORM),
        (b"&".join(b"a%d=1" % number for number in range(100)), FORM),
    ],
)
def test_what_is_no_form_is_refused(data: bytes, media_type: str) -> None:
    with pytest.raises(InvalidRequest):
        forms.fields(HttpBody(data=data, content_type=media_type))


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://g.example/render/x.png?panel=1#y", "https://g.example/render/x.png"),
        ("http://g.example:3000", "http://g.example:3000"),
        ("https://user:pw@g.example/a b;c,d'x\"", "https://g.example/a%20b%3Bc%2Cd'x%22"),
        ("https://[::1]:80/x", "https://[::1]:80/x"),
        ("https://ü.example/x", ""),
        ("https://*/x", ""),
        ("https://g.example; script-src *", ""),
        ("javascript:alert(1)", ""),
        ("data:image/svg+xml,x", ""),
        ("//g.example/x", ""),
        ("https://g.example:99999/x", ""),
        ("", ""),
    ],
)
def test_a_policy_names_an_image_and_nothing_else(address: str, source: str) -> None:
    assert replies.image_source(address) == source


def test_a_policy_names_no_more_images_than_a_header_holds() -> None:
    many = [f"https://g.example/{number}/{'x' * 500}" for number in range(100)]
    policy = replies.page("", images=many).headers["content-security-policy"]
    assert len(policy) < 5000
    assert "https://g.example/0/" in policy


def test_pages_are_kept_by_nobody_and_framed_by_nobody() -> None:
    headers = replies.page("x", secret=True).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert "default-src 'self';" in policy
    assert "frame-ancestors 'none';" in policy
    assert "unsafe" not in policy
    assert policy.endswith("img-src 'self'")


def test_files_are_known_by_what_is_in_them() -> None:
    made = files.load()
    assert {*made} == {"icon.svg", "tocsin.css", "tocsin.js"}
    style = made["tocsin.css"]
    assert style.address == f"/static/tocsin.css?v={style.version}"
    assert files.is_known(style, f'"other", W/{style.etag}')
    assert not files.is_known(style, "")
    assert len({file.version for file in made.values()}) == len(made)


def test_no_file_asks_another_host() -> None:
    for file in files.load().values():
        text = file.data.decode().replace("http://www.w3.org/2000/svg", "")
        assert "//" not in text.replace("// ", ""), file.name
        assert "@import" not in text


def alert(status: int, **more: Any) -> Alert:
    return Alert(id=7, status=Alert.Status.Name(status), **more)


WANTED, ACCEPTED = Stand(Standing.WANTED), Stand(Standing.ACCEPTED, "Ada", NOW)
OVER, SUPERSEDED = Stand(Standing.OVER, "Ada", NOW), Stand(Standing.SUPERSEDED)


@pytest.mark.parametrize(
    ("stand", "status", "state"),
    [
        (WANTED, None, "PENDING"),
        (WANTED, Alert.PENDING, "PENDING"),
        (WANTED, Alert.ACCEPTED, "ACCEPTED"),  # the news is not here yet
        (WANTED, Alert.RESOLVED, "RESOLVED"),
        (ACCEPTED, Alert.PENDING, "ACCEPTED"),  # the answer is not there yet
        (ACCEPTED, None, "ACCEPTED"),
        (ACCEPTED, Alert.RESOLVED, "RESOLVED"),
        (OVER, Alert.PENDING, "OVER"),
        (OVER, None, "OVER"),
        (SUPERSEDED, Alert.PENDING, "SUPERSEDED"),
        (SUPERSEDED, Alert.RESOLVED, "RESOLVED"),
    ],
)
def test_the_further_of_what_is_known_counts(stand: Stand, status: int | None, state: str) -> None:
    assert standing.state_of(stand, None if status is None else alert(status)) == state


def shown(stand: Stand, there: Alert | None, *verbs: Verb, newest: Any = None) -> standing.Shown:
    about: Any = SimpleNamespace(
        stand=stand, newest=newest, part=lambda: SimpleNamespace(verbs=verbs)
    )
    told: Any = SimpleNamespace(alert=there) if there is not None else None
    return standing.of_message(about, Known(alert=told, next_names=("Bob",)), ENGLISH)


def test_what_is_pending_says_who_is_next() -> None:
    newest = SimpleNamespace(level=1, level_count=3, next_step_time=NOW + timedelta(minutes=3))
    found = shown(WANTED, None, *Verb, newest=newest)

    assert found.next == standing.Next(
        at=NOW + timedelta(minutes=3), names=("Bob",), level=2, level_count=3
    )
    assert found.verbs == list(Verb)
    there = alert(Alert.PENDING, next_escalation=NOW + timedelta(minutes=2))
    later = shown(WANTED, there, *Verb, newest=newest).next
    assert later is not None
    assert later.at == NOW + timedelta(minutes=2)  # its owner knows better
    last = SimpleNamespace(level=3, level_count=3, next_step_time=NOW)
    again = shown(WANTED, None, *Verb, newest=last).next
    assert again is not None
    assert again.level == 0  # begins anew, or goes on with another policy


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({}, "Nobody else is paged."),
        ({"silent": True}, "Nobody is notified about this alert."),
        ({"snoozed_until": NOW}, "Asleep until 03:30:00."),
        ({"escalation_exhausted": NOW - timedelta(minutes=2)}, "its end 2 min ago"),
    ],
)
def test_what_is_pending_says_why_nobody_is_next(more: dict[str, Any], sentence: str) -> None:
    found = shown(WANTED, alert(Alert.PENDING, **more), Verb.ACCEPT)
    assert found.next is None
    assert sentence in " ".join(found.sentences)


def test_what_is_taken_says_by_whom_and_what_is_left_to_answer() -> None:
    person = Responder.Person(id=1, first_name="Ada", last_name="L")
    took = Responder(user=person, status=Responder.ACCEPTED, accepted_at=NOW)
    there = alert(Alert.ACCEPTED, responders=[took], accept_expires=NOW + timedelta(hours=1))
    found = shown(WANTED, there, *Verb)

    assert found.sentences[0] == "Taken by Ada L, 0 s ago."
    assert "paged anew 04:30:00" in found.sentences[-1]
    assert found.verbs == [Verb.RESOLVE]
    assert shown(ACCEPTED, None, Verb.RESOLVE).sentences[0] == "Taken by Ada, 0 s ago."
    assert shown(OVER, None).sentences == ["Ended by Ada, 0 s ago."]
    assert shown(SUPERSEDED, None).sentences[0].startswith("This wanted somebody anew")


@pytest.mark.parametrize(
    ("said", "stand", "lags", "told"),
    [
        ("", ACCEPTED, True, ""),
        ("nonsense", ACCEPTED, True, ""),
        ("accept", ACCEPTED, False, "You took this."),
        ("accept", ACCEPTED, True, "You took this. It will be shown everywhere shortly."),
        ("accept", WANTED, False, ""),  # somebody made that address up
        ("not-accept", Stand(Standing.ACCEPTED, "Bob", NOW), False, "Bob was faster"),
        ("not-accept", Stand(Standing.ACCEPTED), False, "somebody was faster"),
        ("resolve", OVER, False, "You resolved this."),
        ("not-resolve", Stand(Standing.OVER, "Bob", NOW), False, "That changed nothing"),
        ("escalate", WANTED, False, "The next level is being paged now."),
        ("not-escalate", WANTED, False, "There is no further level."),
        ("not-escalate", SUPERSEDED, False, "That changed nothing"),
    ],
)
def test_an_answer_is_told_as_things_stand(said: str, stand: Stand, lags: bool, told: str) -> None:
    reader = SimpleNamespace(words=stranger("").words, name="Ada")
    found = _banner(said, stand, lags, reader)  # type: ignore[arg-type] # all that it looks at
    assert found.startswith(told)
    assert bool(found) == bool(told)


def test_an_alert_tells_what_can_be_shown() -> None:
    details = Struct()
    details.update({"n": 7, "half": 0.5, "text": "a\nb", "list": [1, "x"], "none": None})
    told = content.of_alert(
        Alert(
            details="**x** <b>",
            links=[Link(href="https://a.example", text=""), Link(href="javascript:1", text="no")],
            images=[
                Image(src="https://a.example/x.png"),
                Image(src="https://ü.example/x.png", alt="ü"),
            ],
            custom_details=details,
            labels={"b": "2", "a": "1"},
        )
    )

    assert told.details == "<p><strong>x</strong> &lt;b&gt;</p>\n"
    assert [(link.text, link.href) for link in told.links] == [
        ("https://a.example", "https://a.example"),
        ("no", ""),
    ]
    assert [picture.shown for picture in told.pictures] == [True, False]
    assert told.shown == ["https://a.example/x.png"]
    values = {member.name: (member.value, member.block) for member in told.members}
    assert values["n"] == ("7", False)
    assert values["half"] == ("0.5", False)
    assert values["none"] == ("null", False)
    assert values["text"] == ("a\nb", True)
    assert values["list"][1]
    assert [*told.labels] == ["a", "b"]


def test_who_is_on_call_is_told_by_schedules_and_by_levels() -> None:
    reply = on_calls.ListShiftsOfSchedulesResponse
    hour = timedelta(hours=1)
    shift = reply.ScheduleShifts.UserShift
    ada, bob = User(id=1, first_name="Ada"), User(id=2, first_name="Bob")
    turns = [
        shift(user_id=1, start=NOW - hour, end=NOW + hour),
        shift(user_id=2, start=NOW + hour, end=NOW + 2 * hour),
    ]
    empty = reply.ScheduleShifts(schedule_id=2, name="a gap")
    split = [
        reply(
            schedules=[empty, reply.ScheduleShifts(schedule_id=1, name="b", shifts=turns[:1])],
            users=[ada],
        ),
        reply(
            schedules=[reply.ScheduleShifts(schedule_id=1, name="b", shifts=turns[1:])], users=[bob]
        ),
    ]
    gap, both = duty.schedules(split, NOW)

    assert (gap.name, gap.now, gap.next) == ("a gap", [], None)
    assert [turn.who for turn in both.now] == ["Ada"]
    assert both.next is not None
    assert both.next.who == "Bob"
    policy = EscalationPolicy(id=1, name="P")
    found = [
        on_calls.OnCall(user=bob, escalation_policy=policy, escalation_level=2),
        on_calls.OnCall(
            user=ada, escalation_policy=policy, escalation_level=1, schedule=Schedule(name="S")
        ),
    ]
    assert duty.policies(found)[0].levels == {1: ["Ada (S)"], 2: ["Bob"]}


def test_a_browser_shows_a_token_or_may_know_one() -> None:
    token = str(new_token())
    assert Browser(authorization=f"Bearer {token}").token == token
    assert Browser(authorization="Bearer nonsense").token == ""
    assert not Browser(authorization=token, site="cross-site").may_know_more
    assert Browser(site="cross-site").may_know_more
    assert Browser().may_know_more
    assert not Browser(asks_again=True).may_know_more
    assert not Browser(site="none").may_know_more

"""The page behind a message's link: what it is about, and the buttons to answer it.

Whoever has the link acts for the person it was for, without logging in: looking changes
nothing, as programs that preview links look as well; a form that is posted answers. The page
shows what Notification knows itself, and what the owners of the subject add within a second.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from google.api.httpbody_pb2 import HttpBody
from sqlalchemy import Connection

from services.chassis.callers import Callers
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Forbidden, InvalidRequest, NotFound, TocsinError, WrongState
from services.chassis.principal import Principal
from services.notification import answering
from services.notification.answering import About
from services.notification.domain.answers import Stand, Standing, Verb
from services.notification.domain.values import Kind, Method, Notification
from services.notification.links import Links
from services.notification.web import content, forms, paged, readers, replies, standing
from services.notification.web.owners import Known, Owners
from services.notification.web.paged import Run
from services.notification.web.readers import Reader
from services.notification.web.rendering import Renderer
from services.notification.web.replies import Reply
from services.notification.web.times import Times

VERBS = {verb.value.lower(): verb for verb in Verb}
#: What is said of an answer that changed nothing, before its verb.
NOT = "not-"


@dataclass(frozen=True, slots=True)
class _Opened:
    """A message, and what Notification knows of what it is about."""

    message: Notification
    abouts: Sequence[About]
    run: Run
    reader: Reader
    principal: Principal
    now: datetime

    @property
    def times(self) -> Times:
        return Times(self.now, self.reader.zone, self.reader.words)


class MessagePages:
    """Shows messages, and takes answers to them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        links: Links,
        callers: Callers,
        owners: Owners,
        renderer: Renderer,
    ) -> None:
        self._database = database
        self._clock = clock
        self._links = links
        self._callers = callers
        self._owners = owners
        self._renderer = renderer

    async def show(self, token: str, said: str, accept_language: str) -> Reply:
        """Returns the page of a message; `said` is what was answered a moment ago."""
        try:
            message = await self._let_in(token)
        except NotFound as refused:
            return await self._trouble(refused, accept_language)
        opened = await self._database.read(self._open, message, accept_language)
        first = opened.abouts[0]
        language = opened.reader.words.language
        known = await self._owners.known(first.intent, opened.principal, language)
        return await self._page(opened, known, said)

    async def answer(self, token: str, form: HttpBody, accept_language: str) -> Reply:
        """Answers a message and returns where that is seen."""
        try:
            message = await self._let_in(token)
            verb = VERBS.get(forms.fields(form).get("verb", ""))
            if verb is None:
                raise InvalidRequest(f"verb must be one of {', '.join(VERBS)}", field="verb")
            done = await self._database.write(self._give, message, verb)
        except (NotFound, Forbidden, WrongState, InvalidRequest) as refused:
            return await self._trouble(refused, accept_language)
        said = f"{'' if done else NOT}{verb.lower()}"
        return replies.see(f"/m/{token}?said={said}", referrer_policy="no-referrer")

    async def _let_in(self, token: str) -> Notification:
        """Returns the message that a token is of. Raises NotFound and RateLimited."""
        try:
            message = await self._database.read(answering.message, self._clock, self._links, token)
        except NotFound:
            await self._callers.stranger()
            raise
        await self._callers.admit_by(f"message:{message.id}", f"message {message.id}")
        return message

    def _give(self, connection: Connection, message: Notification, verb: Verb) -> bool:
        now, method = self._clock.now(connection), Method(message.method)
        return answering.give(connection, now, message.id, verb, method=method).done

    def _open(self, connection: Connection, message: Notification, accept_language: str) -> _Opened:
        abouts = answering.abouts(connection, answering.told_by(connection, message))
        first = abouts[0].intent
        return _Opened(
            message=message,
            abouts=abouts,
            run=paged.of_subject(
                connection, first.subject_kind, first.subject_id, first.subject_run
            ),
            reader=readers.person(connection, message.user_id, accept_language),
            principal=readers.principal(connection, message.user_id),
            now=self._clock.now(connection),
        )

    async def _page(self, opened: _Opened, known: Known, said: str) -> Reply:
        first, times = opened.abouts[0], opened.times
        alert = known.alert.alert if known.alert else None
        shown = standing.of_message(first, known, times)
        told = await asyncio.to_thread(_content, known, first)
        html = await self._renderer.html(
            "message.html",
            opened.reader,
            times,
            title=(alert.summary if alert else "") or first.intent.title,
            low=first.intent.priority == "LOW",
            shown=shown,
            verbs=_verbs(opened.abouts, shown) if opened.message.kind is Kind.PAGE else [],
            banner=_banner(said, first.stand, alert is None or _lags(known, first), opened.reader),
            alert=alert,
            content=told,
            entries=list(reversed(known.alert.log_entries)) if known.alert else [],
            rows=paged.rows(opened.run, opened.reader.words, alert),
            levels=paged.levels(opened.run, shown.next, alert.escalation_rules if alert else ()),
            others=[(each.intent.title, _state(each)) for each in opened.abouts[1:]],
            away=known.away,
            intent=first.intent,
            utc=standing.utc,
        )
        return replies.page(html, images=told.shown, secret=True)

    async def _trouble(self, refused: TocsinError, accept_language: str) -> Reply:
        reader = readers.stranger(accept_language)
        match refused:
            case NotFound():
                status, word, hint = refused.http_status or 404, f"gone.{refused.code}", "gone.hint"
            case Forbidden():
                status, word, hint = 403, "not_yours", ""
            case WrongState():
                status, word, hint = 409, "no_page", ""
            case _:
                status, word, hint = 400, "bad_form", ""
        word = word if reader.words.has(word) else "gone.LINK_UNKNOWN"
        times = Times(self._clock.wall(), reader.zone, reader.words)
        html = await self._renderer.html(
            "trouble.html", reader, times, word=word, hint=hint, said="", again=""
        )
        return replies.page(html, status, secret=True)


def _content(known: Known, about: About) -> content.Content:
    if known.alert is None:
        return content.of_intent(about.intent)
    return content.of_alert(known.alert.alert, known.alert.comments)


def _verbs(abouts: Sequence[About], shown: standing.Shown) -> list[Verb]:
    """Returns what can be answered to a message: what makes sense for anything it is about."""
    found = {verb for each in abouts[1:] for verb in each.part().verbs} | set(shown.verbs)
    return [verb for verb in Verb if verb in found]


def _state(about: About) -> str:
    return standing.state_of(about.stand, None)


def _lags(known: Known, about: About) -> bool:
    """Tells whether a subject's owner does not show yet what was answered here."""
    alert = known.alert.alert if known.alert else None
    there = standing.state_of(Stand(Standing.WANTED), alert)
    return there == "PENDING" and about.stand.standing is not Standing.WANTED


def _banner(said: str, stand: Stand, lags: bool, reader: Reader) -> str:
    """Returns what became of an answer, by how its subject stands; empty without one."""
    words, verb = reader.words, VERBS.get(said.removeprefix(NOT))
    own = stand.by == reader.name
    match verb, stand.standing:
        case None, _:
            return ""
        case Verb.ESCALATE, Standing.WANTED:
            return words("no_level" if said.startswith(NOT) else "did.escalate")
        case Verb.ACCEPT, Standing.WANTED:
            return ""
        case Verb.ACCEPT, Standing.ACCEPTED if own:
            told = words("did.accept")
        case Verb.RESOLVE, Standing.OVER if own:
            told = words("did.resolve")
        case ((Verb.ACCEPT | Verb.ESCALATE), Standing.ACCEPTED):
            return words("was_faster", name=stand.by or words("somebody"))
        case _:
            return words("too_late")
    return f"{told} {words('shortly')}" if lags else told

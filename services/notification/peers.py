"""The owners of the subjects, asked whether a page is still wanted. No answer means: send."""

import asyncio
import logging
from collections.abc import Collection, Sequence

import grpc
import grpc.aio

from services.chassis.errors import Unavailable
from services.chassis.principal import caller
from services.chassis.readers import reader
from services.chassis.teams import hides_nothing
from services.notification.domain.values import Intent, Page
from services.notification.wire import ALERT
from tocsin.chassis.internal.v1 import subject_service_pb2 as pb
from tocsin.chassis.internal.v1 import subject_service_pb2_grpc as rpc

log = logging.getLogger(__name__)

CHECK_SECONDS = 0.2  # a page must not wait for an owner that hangs
KNOWS_SECONDS = 1.0
#: Of so many that one message speaks for it is asked; the owner has little time.
MOST_MEMBERS = 100

Subject = pb.CheckSubjectsRequest.Subject
State = pb.CheckSubjectsResponse.State


class Subjects:
    """Whose alerts, and other things, people are paged about."""

    def __init__(self, alerts: grpc.aio.Channel | None, others: grpc.aio.Channel) -> None:
        """Takes the way to AlertState, where there is one, and to Escalation."""
        self._alerts = rpc.SubjectServiceStub(alerts) if alerts else None
        self._others = rpc.SubjectServiceStub(others)

    async def over(self, pages: Sequence[Page]) -> set[int]:
        """Returns the ids of the notifications that are needless by now.

        That somebody took the subject does not make a later call by hand needless.
        """
        wanted = [page for page in pages if page.is_page]
        told = [each for page in wanted for each in _told(page)]
        asked = [(id_, intent) for id_, intent in told if not intent.apart]
        alerts = [(id_, intent) for id_, intent in asked if intent.subject_kind == ALERT]
        others = [(id_, intent) for id_, intent in asked if intent.subject_kind != ALERT]
        found = await asyncio.gather(_over(self._alerts, alerts), _over(self._others, others))
        return set().union(*found)

    async def knows_alert(self, alert_id: int) -> bool:
        """Tells whether there is such an alert that the caller sees. Raises Unavailable."""
        if self._alerts is None:
            return False
        request = pb.CheckSubjectsRequest(subjects=[Subject(kind=ALERT, id=str(alert_id))])
        if not hides_nothing(caller()):
            request.reader.CopyFrom(reader(caller()))
        try:
            reply = await self._alerts.CheckSubjects(request, timeout=KNOWS_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise Unavailable(f"cannot find out about alert {alert_id} now") from error
        return any(state != State.STATE_UNSPECIFIED for state in reply.states)

    async def seen_runs(self, keys: Collection[str]) -> set[str]:
        """Returns those escalations, by their keys, that the caller sees. Raises Unavailable."""
        if not keys or hides_nothing(caller()):
            return set(keys)
        parts = [key.rsplit(":", 1) for key in sorted(keys)]
        subjects = [_subject(subject, int(episode)) for subject, episode in parts]
        request = pb.CheckSubjectsRequest(subjects=subjects, reader=reader(caller()))
        try:
            reply = await self._others.CheckSubjects(request, timeout=KNOWS_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise Unavailable("cannot find out now what may be shown") from error
        asked = zip(sorted(keys), reply.states, strict=False)
        return {key for key, state in asked if state != State.STATE_UNSPECIFIED}


def _subject(key: str, episode: int) -> pb.CheckSubjectsRequest.Subject:
    kind, _, id_ = key.partition(":")
    return Subject(kind=kind, id=id_, episode=episode)


def _told(page: Page) -> list[tuple[int, Intent]]:
    """Returns the notifications of which a page tells, some of very many, with their intents."""
    members = zip(page.members[:MOST_MEMBERS], page.bundled, strict=False)
    return [(page.notification.id, page.intent), *members]


async def _over(
    owner: rpc.SubjectServiceStub | None, told: Sequence[tuple[int, Intent]]
) -> set[int]:
    if not told or owner is None:
        return set()
    subjects = [Subject(kind=i.subject_kind, id=i.subject_id, episode=i.episode) for _, i in told]
    try:
        reply = await owner.CheckSubjects(
            pb.CheckSubjectsRequest(subjects=subjects), timeout=CHECK_SECONDS
        )
    except grpc.aio.AioRpcError as error:
        log.warning("sending %s pages unchecked: %s", len(told), error.code().name)
        return set()
    asked = zip(told, reply.states, strict=False)  # an owner that says less is not believed more
    return {id_ for (id_, _), state in asked if state == State.OVER}

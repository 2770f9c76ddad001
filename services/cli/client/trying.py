"""What `tocsin page-me` does."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import grpc.aio

from services.cli.client import showing
from services.cli.client.calling import SECONDS, Refused
from services.cli.client.target import Target
from tocsin.escalation.v1 import escalation_service_pb2 as runs
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.escalation.v1.escalation_service_pb2_grpc import EscalationServiceStub
from tocsin.escalation.v1.user_service_pb2 import GetCurrentUserRequest
from tocsin.escalation.v1.user_service_pb2_grpc import UserServiceStub
from tocsin.notification.v1.contact_pb2 import Contact
from tocsin.notification.v1.notification_pb2 import Notification
from tocsin.notification.v1.notification_service_pb2 import ListSubjectNotificationsRequest
from tocsin.notification.v1.notification_service_pb2_grpc import NotificationServiceStub

LOOK_SECONDS = 0.5
#: How long to look without --wait, and how long until there is something to look at.
LONGEST_SECONDS = 30.0


class Trial:
    """A test page, and what becomes of it."""

    def __init__(self, target: Target, channel: grpc.aio.Channel, *, as_json: bool) -> None:
        self._metadata = target.metadata
        self._users = UserServiceStub(channel)
        self._runs = EscalationServiceStub(channel)
        self._notifications = NotificationServiceStub(channel)
        self._as_json = as_json
        self._told: dict[int, str] = {}

    async def send(self, page: runs.TestPage, *, wait: bool) -> None:
        """Pages who calls, and prints how each way goes; until it is answered, if they wait."""
        me = await self._users.GetCurrentUser(
            GetCurrentUserRequest(), metadata=self._metadata, timeout=SECONDS
        )
        run = await self._runs.CreateTestPage(
            runs.CreateTestPageRequest(id=me.id, test_page=page),
            metadata=self._metadata,
            timeout=SECONDS,
        )
        found = await self._follow(run, wait=wait)
        if self._as_json:
            showing.document(found)
        elif not found:
            raise Refused("nothing was sent: nobody is told who is muted or was just removed")
        elif all(each.status == Notification.ERROR for each in found):
            raise Refused("no way reached you")

    async def _follow(self, run: Escalation, *, wait: bool) -> list[Notification]:
        until = asyncio.get_running_loop().time() + LONGEST_SECONDS
        while True:
            run = await self._runs.GetEscalation(
                runs.GetEscalationRequest(id=run.id), metadata=self._metadata, timeout=SECONDS
            )
            found = await self._ways(run)
            if not self._as_json:
                for each in found:
                    self._tell(each)
            busy = any(_is_under_way(run, each) for each in found)
            if run.state != Escalation.RUNNING and not busy:
                self._tell_end(run)
                return found
            late = asyncio.get_running_loop().time() > until
            if not wait and (late or (found and not busy)):
                return found
            await asyncio.sleep(LOOK_SECONDS)

    async def _ways(self, run: Escalation) -> list[Notification]:
        request = ListSubjectNotificationsRequest(kind=run.subject.kind, subject_id=run.subject.id)
        reply = await self._notifications.ListSubjectNotifications(
            request, metadata=self._metadata, timeout=SECONDS
        )
        return list(reply.notifications)

    def _tell(self, each: Notification) -> None:
        said = " ".join(_words(each))
        if self._told.get(each.id) != said:
            self._told[each.id] = said
            showing.done(said)

    def _tell_end(self, run: Escalation) -> None:
        if not self._as_json:
            by = f" by {run.ended_by.name}" if run.ended_by.name else ""
            showing.done(f"{showing.word(Escalation.State, run.state)}{by}")


def _words(each: Notification) -> Iterator[str]:
    yield showing.word(Contact.Method, each.method)
    if each.target:
        yield each.target
    yield showing.word(Notification.Status, each.status)
    if each.status == Notification.SCHEDULED:
        yield f"for {showing.time(each, 'notification_time')}"
    for what in ("delivered", "read"):
        if each.HasField(f"{what}_time"):
            yield what
    if each.reason:
        yield f"({each.reason})"


def _is_under_way(run: Escalation, each: Notification) -> bool:
    """Tells whether a way is tried now; one that is for later may wait.

    Only the services' own times are compared: this machine's clock may differ.
    """
    began = run.start_time.ToDatetime() + timedelta(seconds=LONGEST_SECONDS)
    soon = bool(each.attempts) or each.notification_time.ToDatetime() <= began
    return each.status == Notification.SCHEDULED and soon

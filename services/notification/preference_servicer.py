"""Answers PreferenceService and QuietHoursService."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from services.chassis.context import Context
from services.chassis.errors import NotFound
from services.notification import changing, preferring
from services.notification import preference_wire as wire
from services.notification.contact_book import ContactBook
from services.notification.domain.preferences import Preference, Topic
from services.notification.domain.values import Contact
from services.notification.preference_wire import Told
from services.notification.store import contacts, preferences
from tocsin.notification.v1 import preference_pb2
from tocsin.notification.v1 import preference_service_pb2 as pb
from tocsin.notification.v1 import preference_service_pb2_grpc as rpc
from tocsin.notification.v1 import quiet_hours_service_pb2 as quiet_pb
from tocsin.notification.v1 import quiet_hours_service_pb2_grpc as quiet_rpc

M = TypeVar("M", bound=Told)
Render = Callable[[Preference, Contact | None], M]


class PreferenceServicer(rpc.PreferenceServiceServicer):
    """The gRPC face of how people want to be told."""

    def __init__(self, book: ContactBook) -> None:
        self._book = book
        self._database, self._clock = book.database, book.means.clock

    async def CreateAlertPreference(
        self, request: pb.CreateAlertPreferenceRequest, context: Context
    ) -> preference_pb2.AlertPreference:
        """See the proto."""
        return await self._create(request.user_id, request.alert_preference, wire.alert)

    async def ListAlertPreferences(
        self, request: pb.ListAlertPreferencesRequest, context: Context
    ) -> pb.ListAlertPreferencesResponse:
        """See the proto."""
        found = await self._list(request.user_id, Topic.ALERT, wire.alert)
        return pb.ListAlertPreferencesResponse(alert_preferences=found)

    async def GetAlertPreference(
        self, request: pb.GetAlertPreferenceRequest, context: Context
    ) -> preference_pb2.AlertPreference:
        """See the proto."""
        return await self._get(request.user_id, Topic.ALERT, request.id, wire.alert)

    async def UpdateAlertPreference(
        self, request: pb.UpdateAlertPreferenceRequest, context: Context
    ) -> preference_pb2.AlertPreference:
        """See the proto."""
        told = request.alert_preference
        return await self._update(request.user_id, request.id, told, wire.alert)

    async def DeleteAlertPreference(
        self, request: pb.DeleteAlertPreferenceRequest, context: Context
    ) -> pb.DeleteAlertPreferenceResponse:
        """See the proto."""
        await self._delete(request.user_id, Topic.ALERT, request.id)
        return pb.DeleteAlertPreferenceResponse()

    async def CreateDutyPreference(
        self, request: pb.CreateDutyPreferenceRequest, context: Context
    ) -> preference_pb2.DutyPreference:
        """See the proto."""
        return await self._create(request.user_id, request.duty_preference, wire.duty)

    async def ListDutyPreferences(
        self, request: pb.ListDutyPreferencesRequest, context: Context
    ) -> pb.ListDutyPreferencesResponse:
        """See the proto."""
        found = await self._list(request.user_id, Topic.DUTY, wire.duty)
        return pb.ListDutyPreferencesResponse(duty_preferences=reversed(found))

    async def GetDutyPreference(
        self, request: pb.GetDutyPreferenceRequest, context: Context
    ) -> preference_pb2.DutyPreference:
        """See the proto."""
        return await self._get(request.user_id, Topic.DUTY, request.id, wire.duty)

    async def UpdateDutyPreference(
        self, request: pb.UpdateDutyPreferenceRequest, context: Context
    ) -> preference_pb2.DutyPreference:
        """See the proto."""
        told = request.duty_preference
        return await self._update(request.user_id, request.id, told, wire.duty)

    async def DeleteDutyPreference(
        self, request: pb.DeleteDutyPreferenceRequest, context: Context
    ) -> pb.DeleteDutyPreferenceResponse:
        """See the proto."""
        await self._delete(request.user_id, Topic.DUTY, request.id)
        return pb.DeleteDutyPreferenceResponse()

    async def CreateUpdatePreference(
        self, request: pb.CreateUpdatePreferenceRequest, context: Context
    ) -> preference_pb2.UpdatePreference:
        """See the proto."""
        return await self._create(request.user_id, request.update_preference, wire.update)

    async def ListUpdatePreferences(
        self, request: pb.ListUpdatePreferencesRequest, context: Context
    ) -> pb.ListUpdatePreferencesResponse:
        """See the proto."""
        found = await self._list(request.user_id, Topic.UPDATE, wire.update)
        return pb.ListUpdatePreferencesResponse(update_preferences=found)

    async def GetUpdatePreference(
        self, request: pb.GetUpdatePreferenceRequest, context: Context
    ) -> preference_pb2.UpdatePreference:
        """See the proto."""
        return await self._get(request.user_id, Topic.UPDATE, request.id, wire.update)

    async def UpdateUpdatePreference(
        self, request: pb.UpdateUpdatePreferenceRequest, context: Context
    ) -> preference_pb2.UpdatePreference:
        """See the proto."""
        told = request.update_preference
        return await self._update(request.user_id, request.id, told, wire.update)

    async def DeleteUpdatePreference(
        self, request: pb.DeleteUpdatePreferenceRequest, context: Context
    ) -> pb.DeleteUpdatePreferenceResponse:
        """See the proto."""
        await self._delete(request.user_id, Topic.UPDATE, request.id)
        return pb.DeleteUpdatePreferenceResponse()

    async def _create(self, user_id: int, told: Told, render: Render[M]) -> M:
        changing.refuse_others(user_id)
        wanted = wire.rule(told, user_id)
        await self._book.require(user_id)
        added = await self._database.write(preferring.add, self._clock, wanted)
        return await self._database.read(_shown, added, render)

    async def _list(self, user_id: int, topic: Topic, render: Render[M]) -> list[M]:
        await self._book.require(user_id)

        def find(connection: Connection) -> list[M]:
            theirs = preferences.of_users(connection, [user_id])
            found = [each for each in theirs if each.topic is topic]
            known = contacts.by_ids(connection, [each.contact_id for each in found])
            return [render(each, known.get(each.contact_id)) for each in found]

        return await self._database.read(find)

    async def _get(self, user_id: int, topic: Topic, id_: int, render: Render[M]) -> M:
        def find(connection: Connection) -> M:
            return _shown(connection, preferences.get(connection, user_id, topic, id_), render)

        return await self._database.read(find)

    async def _update(self, user_id: int, id_: int, told: Told, render: Render[M]) -> M:
        changing.refuse_others(user_id)
        wanted = wire.rule(told, user_id, id_)
        changed = await self._database.write(preferring.change, self._clock, wanted)
        return await self._database.read(_shown, changed, render)

    async def _delete(self, user_id: int, topic: Topic, id_: int) -> None:
        changing.refuse_others(user_id)
        await self._database.write(preferring.remove, self._clock, user_id, topic, id_)


class QuietHoursServicer(quiet_rpc.QuietHoursServiceServicer):
    """The gRPC face of when people are not told of what can wait."""

    def __init__(self, book: ContactBook) -> None:
        self._book = book
        self._database, self._clock = book.database, book.means.clock

    async def GetQuietHours(
        self, request: quiet_pb.GetQuietHoursRequest, context: Context
    ) -> preference_pb2.QuietHours:
        """See the proto."""
        user_id = request.user_id
        found = await self._database.read(preferences.quiet_hours, [user_id])
        if user_id not in found:
            raise NotFound(f"user {user_id} has no quiet hours")
        return wire.quiet_hours(found[user_id])

    async def UpdateQuietHours(
        self, request: quiet_pb.UpdateQuietHoursRequest, context: Context
    ) -> preference_pb2.QuietHours:
        """See the proto."""
        changing.refuse_others(request.user_id)
        hours = wire.wanted_quiet_hours(request.quiet_hours)
        await self._book.require(request.user_id)
        put = preferring.put_quiet_hours
        return wire.quiet_hours(
            await self._database.write(put, self._clock, request.user_id, hours)
        )

    async def DeleteQuietHours(
        self, request: quiet_pb.DeleteQuietHoursRequest, context: Context
    ) -> quiet_pb.DeleteQuietHoursResponse:
        """See the proto."""
        changing.refuse_others(request.user_id)
        remove = preferring.remove_quiet_hours
        await self._database.write(remove, self._clock, request.user_id)
        return quiet_pb.DeleteQuietHoursResponse()


def _shown(connection: Connection, rule: Preference, render: Render[M]) -> M:
    known = contacts.by_ids(connection, [rule.contact_id])
    return render(rule, known.get(rule.contact_id))

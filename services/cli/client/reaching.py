"""What the `tocsin contacts` and `tocsin rules` commands do."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import grpc
import grpc.aio

from services.cli.client import reach_tables, showing
from services.cli.client.calling import SECONDS
from services.cli.client.reading import word
from services.cli.client.target import BadUsage, Target
from tocsin.escalation.v1.user_service_pb2 import GetCurrentUserRequest, GetUserRequest
from tocsin.escalation.v1.user_service_pb2_grpc import UserServiceStub
from tocsin.notification.v1 import contact_service_pb2 as contact_calls
from tocsin.notification.v1 import preference_service_pb2 as rule_calls
from tocsin.notification.v1 import quiet_hours_service_pb2 as quiet_calls
from tocsin.notification.v1.contact_pb2 import Contact
from tocsin.notification.v1.contact_service_pb2_grpc import ContactServiceStub
from tocsin.notification.v1.preference_pb2 import AlertPreference, QuietHours
from tocsin.notification.v1.preference_service_pb2_grpc import PreferenceServiceStub
from tocsin.notification.v1.quiet_hours_service_pb2_grpc import QuietHoursServiceStub


class Reach:
    """How one person is reached, as one caller may see and change it."""

    def __init__(
        self, target: Target, channel: grpc.aio.Channel, user: str, *, as_json: bool
    ) -> None:
        """Takes who is meant; empty for the person whose token it is."""
        self._contacts = ContactServiceStub(channel)
        self._rules = PreferenceServiceStub(channel)
        self._quiet = QuietHoursServiceStub(channel)
        self._users = UserServiceStub(channel)
        self._metadata = target.metadata
        self._user = user
        self._as_json = as_json

    async def list_contacts(self) -> None:
        """Prints their contacts."""
        request = contact_calls.ListContactsRequest(user_id=await self._person())
        found = (await self._call(self._contacts.ListContacts, request)).contacts
        if self._as_json:
            showing.document(list(found))
        elif found:
            reach_tables.contacts(list(found))
        else:
            showing.done("no contact: pages go to the e-mail address of their record")

    async def add_contact(self, kind: str, target: str, name: str, region: str) -> None:
        """Adds a contact and prints it; sends a code where it has to be verified."""
        method = word(Contact.Method, kind, "kind of contact")
        told = Contact(
            method=Contact.Method.Name(method), target=target, name=name, region_code=region
        )
        user_id = await self._person()
        request = contact_calls.CreateContactRequest(user_id=user_id, contact=told)
        made = await self._call(self._contacts.CreateContact, request)
        if self._as_json:
            showing.document(made)
            return
        reach_tables.contacts([made])
        if made.status == Contact.LOCKED:
            await self._send(user_id, made.id)

    async def verify(self, contact_id: int, code: str) -> None:
        """Says a code, or has one sent."""
        user_id = await self._person()
        if not code:
            await self._send(user_id, contact_id)
            return
        request = contact_calls.ConfirmVerificationRequest(
            user_id=user_id, id=contact_id, confirmation={"code": code}
        )
        verified = await self._call(self._contacts.ConfirmVerification, request)
        if self._as_json:
            showing.document(verified)
        else:
            showing.done(f"contact {contact_id} is verified")

    async def remove_contact(self, contact_id: int) -> None:
        """Removes a contact."""
        user_id = await self._person()
        request = contact_calls.DeleteContactRequest(user_id=user_id, id=contact_id)
        await self._call(self._contacts.DeleteContact, request)
        showing.done(f"contact {contact_id} is removed")

    async def list_rules(self) -> None:
        """Prints the rules by which they are told of alerts, and their quiet hours."""
        user_id = await self._person()
        request = rule_calls.ListAlertPreferencesRequest(user_id=user_id)
        found = (await self._call(self._rules.ListAlertPreferences, request)).alert_preferences
        if self._as_json:
            showing.document(list(found))
            return
        self._show(list(found))
        hours = await self._quiet_hours(user_id)
        if hours is not None:
            reach_tables.quiet_hours(hours)

    async def add_rule(self, method: str, contact: int, delay: int, priority: str) -> None:
        """Adds a rule and prints it."""
        by = word(Contact.Method, method, "way to tell somebody")
        which = word(AlertPreference.Type, f"{priority}_PRIORITY", "priority")
        told = AlertPreference(
            method=Contact.Method.Name(by),
            contact=Contact(id=contact) if contact else None,
            delay_min=delay,
            type=AlertPreference.Type.Name(which),
        )
        user_id = await self._person()
        request = rule_calls.CreateAlertPreferenceRequest(user_id=user_id, alert_preference=told)
        made = await self._call(self._rules.CreateAlertPreference, request)
        if self._as_json:
            showing.document(made)
        else:
            reach_tables.rules([made])

    async def remove_rule(self, rule_id: int) -> None:
        """Removes a rule."""
        user_id = await self._person()
        request = rule_calls.DeleteAlertPreferenceRequest(user_id=user_id, id=rule_id)
        await self._call(self._rules.DeleteAlertPreference, request)
        showing.done(f"rule {rule_id} is removed")

    async def _send(self, user_id: int, contact_id: int) -> None:
        request = contact_calls.SendVerificationRequest(user_id=user_id, id=contact_id)
        await self._call(self._contacts.SendVerification, request)
        showing.done(
            "a code is on its way, and works for 15 minutes:"
            f" tocsin contacts verify {contact_id} CODE"
        )

    async def _quiet_hours(self, user_id: int) -> QuietHours | None:
        request = quiet_calls.GetQuietHoursRequest(user_id=user_id)
        try:
            hours: QuietHours = await self._call(self._quiet.GetQuietHours, request)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
            return None
        return hours

    async def _person(self) -> int:
        """Returns whom it is about."""
        if self._user:
            request: Any = GetUserRequest(who=self._user)
            return int((await self._call(self._users.GetUser, request)).id)
        try:
            found = await self._call(self._users.GetCurrentUser, GetCurrentUserRequest())
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
            raise BadUsage("whose? The token is nobody's: give --user") from None
        return int(found.id)

    def _show(self, found: Sequence[AlertPreference]) -> None:
        if found:
            reach_tables.rules(found)
        else:
            showing.done("no rule: they are told as is usual")

    async def _call(self, method: Callable[..., Any], request: Any) -> Any:
        return await method(request, metadata=self._metadata, timeout=SECONDS)


Work = Callable[[Reach], Coroutine[Any, Any, None]]

"""The contacts of people, as callers read and change them, in whatever words."""

from collections.abc import Awaitable, Callable

from sqlalchemy import Connection

from services.chassis.database import Database
from services.chassis.errors import InvalidRequest, NotFound
from services.chassis.texts import folded
from services.notification import addresses, changing, targets, wire
from services.notification.changing import Means, Wanted
from services.notification.domain.values import Contact, Method
from services.notification.store import contacts
from tocsin.escalation.v1.user_pb2 import User
from tocsin.notification.v1 import contact_pb2

AskUser = Callable[[int], Awaitable[User | None]]


class ContactBook:
    """The contacts of people; of one kind, if that is said."""

    def __init__(
        self, database: Database, ask_user: AskUser, means: Means, kind: Method | None = None
    ) -> None:
        self.database = database
        self.means = means
        self._ask_user = ask_user
        self._kind = kind

    async def require(self, user_id: int) -> User:
        """Returns a person. Raises NotFound."""
        user = await self._ask_user(user_id)
        if user is None:
            raise NotFound(f"there is no user {user_id}")
        return user

    async def create(self, user_id: int, told: contact_pb2.Contact) -> Contact:
        """Adds a contact. Raises what `changing` raises."""
        changing.refuse_others(user_id)
        want = changing.wanted(told, self.means.offer)
        user = await self.require(user_id)
        return await self.database.write(
            changing.add, self.means, user_id, want, verified=counts_as_verified(want, user)
        )

    async def list(self, user_id: int) -> list[Contact]:
        """Returns a person's contacts, oldest first. Raises NotFound."""
        await self.require(user_id)
        theirs = await self.database.read(contacts.of_users, [user_id])
        return [each for each in theirs if self._kind in (None, each.method)]

    async def get(self, user_id: int, contact_id: int) -> Contact:
        """Returns a contact. Raises NotFound."""
        return await self.database.read(self._get, user_id, contact_id)

    async def update(self, user_id: int, contact_id: int, told: contact_pb2.Contact) -> Contact:
        """Replaces a contact. Raises what `changing` raises."""
        changing.refuse_others(user_id)
        known = await self.get(user_id, contact_id)
        want = self._replacement(known, told)
        verified = counts_as_verified(want, await self.require(user_id))

        def change(connection: Connection) -> Contact:
            newest = self._get(connection, user_id, contact_id)
            return changing.change(connection, self.means, newest, want, verified=verified)

        return await self.database.write(change)

    async def delete(self, user_id: int, contact_id: int) -> None:
        """Removes a contact. Raises NotFound, Forbidden."""
        changing.refuse_others(user_id)
        await self.database.write(self._remove, user_id, contact_id)

    async def find(self, user_id: int, told: contact_pb2.Contact) -> Contact:
        """Returns the contact with a target, however that is spelled. Raises NotFound."""
        for each in await self.list(user_id):
            region = told.region_code.strip().upper() or each.region
            if _same(each, told.target, region):
                return each
        raise NotFound(f"user {user_id} has no contact with that target")

    def shown(self, contact: Contact) -> contact_pb2.Contact:
        """Renders a contact, whole for those who may change it."""
        if not changing.may_change(contact.user_id):
            return wire.contact(contact)
        return wire.contact(contact, addresses.whole_or_shown(contact, self.means.sealer))

    def _get(self, connection: Connection, user_id: int, contact_id: int) -> Contact:
        found = contacts.get(connection, user_id, contact_id)
        if self._kind not in (None, found.method):
            raise NotFound(f"user {user_id} has no {self._kind} contact {contact_id}")
        return found

    def _remove(self, connection: Connection, user_id: int, contact_id: int) -> None:
        known = self._get(connection, user_id, contact_id)
        changing.remove(connection, self.means.clock.now(connection), known)

    def _replacement(self, known: Contact, told: contact_pb2.Contact) -> Wanted:
        """Reads what shall be in a contact's place. Raises InvalidRequest."""
        said = contact_pb2.Contact()
        said.CopyFrom(told)
        if not said.method:
            said.MergeFrom(contact_pb2.Contact(method=known.method.value))
        if wire.method(said) is not known.method:
            raise InvalidRequest(
                f"method must stay {known.method}: add another contact instead", field="method"
            )
        whole = addresses.whole_or_shown(known, self.means.sealer)
        if said.target.strip() in ("", known.target):
            said.target = whole
            said.region_code = said.region_code or known.region
        kept = Wanted(known.method, whole)
        return changing.wanted(said, self.means.offer, (kept,))


def counts_as_verified(want: Wanted, user: User) -> bool:
    """Tells whether a contact is used at once, though no code has shown whose it is.

    See the proto: what ADMINs say is believed, and the address of the person's own record.
    """
    if changing.configures() or not targets.KINDS[want.method].proven:
        return True
    return want.method is Method.EMAIL and folded(want.target) == folded(user.email)


def _same(contact: Contact, target: str, region: str) -> bool:
    try:
        return targets.KINDS[contact.method].check(target.strip(), region, _ANY) == contact.target
    except InvalidRequest:
        return False


_ANY = targets.Offer()

"""Answers ContactService, and the services that tell of contacts in ilert's words."""

from services.chassis.context import Context
from services.notification import verifying, wire
from services.notification.contact_book import ContactBook
from services.notification.domain.values import Contact
from tocsin.notification.v1 import contact_pb2
from tocsin.notification.v1 import contact_service_pb2 as pb
from tocsin.notification.v1 import contact_service_pb2_grpc as rpc
from tocsin.notification.v1 import email_contact_service_pb2 as emails
from tocsin.notification.v1 import email_contact_service_pb2_grpc as email_rpc
from tocsin.notification.v1 import phone_number_contact_service_pb2 as phones
from tocsin.notification.v1 import phone_number_contact_service_pb2_grpc as phone_rpc


class ContactServicer(rpc.ContactServiceServicer):
    """The gRPC face of the ways to reach people."""

    def __init__(self, book: ContactBook) -> None:
        self._book = book

    async def CreateContact(
        self, request: pb.CreateContactRequest, context: Context
    ) -> contact_pb2.Contact:
        """See the proto."""
        return self._book.shown(await self._book.create(request.user_id, request.contact))

    async def ListContacts(
        self, request: pb.ListContactsRequest, context: Context
    ) -> pb.ListContactsResponse:
        """See the proto."""
        theirs = await self._book.list(request.user_id)
        return pb.ListContactsResponse(contacts=map(wire.contact, theirs))

    async def GetContact(
        self, request: pb.GetContactRequest, context: Context
    ) -> contact_pb2.Contact:
        """See the proto."""
        return self._book.shown(await self._book.get(request.user_id, request.id))

    async def UpdateContact(
        self, request: pb.UpdateContactRequest, context: Context
    ) -> contact_pb2.Contact:
        """See the proto."""
        changed = await self._book.update(request.user_id, request.id, request.contact)
        return self._book.shown(changed)

    async def DeleteContact(
        self, request: pb.DeleteContactRequest, context: Context
    ) -> pb.DeleteContactResponse:
        """See the proto."""
        await self._book.delete(request.user_id, request.id)
        return pb.DeleteContactResponse()

    async def SendVerification(
        self, request: pb.SendVerificationRequest, context: Context
    ) -> pb.Verification:
        """See the proto."""
        sent = await verifying.send(self._book, request.user_id, request.id)
        return pb.Verification(
            expire_time=sent.expires_at, tries_left=verifying.MOST_TRIES, notification_id=sent.id
        )

    async def ConfirmVerification(
        self, request: pb.ConfirmVerificationRequest, context: Context
    ) -> contact_pb2.Contact:
        """See the proto."""
        code = request.confirmation.code.strip()
        verified = await verifying.confirm(self._book, request.user_id, request.id, code)
        return self._book.shown(verified)


class EmailContactServicer(email_rpc.EmailContactServiceServicer):
    """The gRPC face of e-mail addresses."""

    def __init__(self, book: ContactBook) -> None:
        """Takes the contacts of the kind EMAIL."""
        self._book = book

    async def CreateEmailContact(
        self, request: emails.CreateEmailContactRequest, context: Context
    ) -> contact_pb2.EmailContact:
        """See the proto."""
        told = _of_email(request.email_contact)
        return _email(await self._book.create(request.user_id, told))

    async def ListEmailContacts(
        self, request: emails.ListEmailContactsRequest, context: Context
    ) -> emails.ListEmailContactsResponse:
        """See the proto."""
        found = map(_email, await self._book.list(request.user_id))
        return emails.ListEmailContactsResponse(email_contacts=found)

    async def GetEmailContact(
        self, request: emails.GetEmailContactRequest, context: Context
    ) -> contact_pb2.EmailContact:
        """See the proto."""
        return _email(await self._book.get(request.user_id, request.id))

    async def UpdateEmailContact(
        self, request: emails.UpdateEmailContactRequest, context: Context
    ) -> contact_pb2.EmailContact:
        """See the proto."""
        known = await self._book.get(request.user_id, request.id)
        told = _of_email(request.email_contact, known.name)
        return _email(await self._book.update(request.user_id, request.id, told))

    async def DeleteEmailContact(
        self, request: emails.DeleteEmailContactRequest, context: Context
    ) -> emails.DeleteEmailContactResponse:
        """See the proto."""
        await self._book.delete(request.user_id, request.id)
        return emails.DeleteEmailContactResponse()

    async def SearchEmailContact(
        self, request: emails.SearchEmailContactRequest, context: Context
    ) -> contact_pb2.EmailContact:
        """See the proto."""
        told = _of_email(request.email_contact)
        return _email(await self._book.find(request.user_id, told))


class PhoneNumberContactServicer(phone_rpc.PhoneNumberContactServiceServicer):
    """The gRPC face of phone numbers."""

    def __init__(self, book: ContactBook) -> None:
        """Takes the contacts of the kind PHONE."""
        self._book = book

    async def CreatePhoneNumberContact(
        self, request: phones.CreatePhoneNumberContactRequest, context: Context
    ) -> contact_pb2.PhoneNumberContact:
        """See the proto."""
        told = _of_phone(request.phone_number_contact)
        return _phone(await self._book.create(request.user_id, told))

    async def ListPhoneNumberContacts(
        self, request: phones.ListPhoneNumberContactsRequest, context: Context
    ) -> phones.ListPhoneNumberContactsResponse:
        """See the proto."""
        found = map(_phone, await self._book.list(request.user_id))
        return phones.ListPhoneNumberContactsResponse(phone_number_contacts=found)

    async def GetPhoneNumberContact(
        self, request: phones.GetPhoneNumberContactRequest, context: Context
    ) -> contact_pb2.PhoneNumberContact:
        """See the proto."""
        return _phone(await self._book.get(request.user_id, request.id))

    async def UpdatePhoneNumberContact(
        self, request: phones.UpdatePhoneNumberContactRequest, context: Context
    ) -> contact_pb2.PhoneNumberContact:
        """See the proto."""
        known = await self._book.get(request.user_id, request.id)
        told = _of_phone(request.phone_number_contact, known.name)
        return _phone(await self._book.update(request.user_id, request.id, told))

    async def DeletePhoneNumberContact(
        self, request: phones.DeletePhoneNumberContactRequest, context: Context
    ) -> phones.DeletePhoneNumberContactResponse:
        """See the proto."""
        await self._book.delete(request.user_id, request.id)
        return phones.DeletePhoneNumberContactResponse()

    async def SearchPhoneNumberContact(
        self, request: phones.SearchPhoneNumberContactRequest, context: Context
    ) -> contact_pb2.PhoneNumberContact:
        """See the proto."""
        told = _of_phone(request.phone_number_contact)
        return _phone(await self._book.find(request.user_id, told))


def _email(contact: Contact) -> contact_pb2.EmailContact:
    told = wire.contact(contact)
    return contact_pb2.EmailContact(id=told.id, target=told.target, status=told.status)


def _phone(contact: Contact) -> contact_pb2.PhoneNumberContact:
    told = wire.contact(contact)
    return contact_pb2.PhoneNumberContact(
        id=told.id, region_code=told.region_code, target=told.target, status=told.status
    )


def _of_email(told: contact_pb2.EmailContact, name: str = "") -> contact_pb2.Contact:
    return contact_pb2.Contact(method="EMAIL", target=told.target, name=name)


def _of_phone(told: contact_pb2.PhoneNumberContact, name: str = "") -> contact_pb2.Contact:
    return contact_pb2.Contact(
        method="PHONE", target=told.target, region_code=told.region_code, name=name
    )

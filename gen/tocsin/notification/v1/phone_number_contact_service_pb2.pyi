from google.api import annotations_pb2 as _annotations_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.notification.v1 import contact_pb2 as _contact_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreatePhoneNumberContactRequest(_message.Message):
    __slots__ = ("user_id", "phone_number_contact")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_CONTACT_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    phone_number_contact: _contact_pb2.PhoneNumberContact
    def __init__(self, user_id: _Optional[int] = ..., phone_number_contact: _Optional[_Union[_contact_pb2.PhoneNumberContact, _Mapping]] = ...) -> None: ...

class ListPhoneNumberContactsRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    def __init__(self, user_id: _Optional[int] = ...) -> None: ...

class ListPhoneNumberContactsResponse(_message.Message):
    __slots__ = ("phone_number_contacts",)
    PHONE_NUMBER_CONTACTS_FIELD_NUMBER: _ClassVar[int]
    phone_number_contacts: _containers.RepeatedCompositeFieldContainer[_contact_pb2.PhoneNumberContact]
    def __init__(self, phone_number_contacts: _Optional[_Iterable[_Union[_contact_pb2.PhoneNumberContact, _Mapping]]] = ...) -> None: ...

class GetPhoneNumberContactRequest(_message.Message):
    __slots__ = ("user_id", "id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ...) -> None: ...

class UpdatePhoneNumberContactRequest(_message.Message):
    __slots__ = ("user_id", "id", "phone_number_contact")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_CONTACT_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    phone_number_contact: _contact_pb2.PhoneNumberContact
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ..., phone_number_contact: _Optional[_Union[_contact_pb2.PhoneNumberContact, _Mapping]] = ...) -> None: ...

class DeletePhoneNumberContactRequest(_message.Message):
    __slots__ = ("user_id", "id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ...) -> None: ...

class DeletePhoneNumberContactResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SearchPhoneNumberContactRequest(_message.Message):
    __slots__ = ("user_id", "phone_number_contact")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_CONTACT_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    phone_number_contact: _contact_pb2.PhoneNumberContact
    def __init__(self, user_id: _Optional[int] = ..., phone_number_contact: _Optional[_Union[_contact_pb2.PhoneNumberContact, _Mapping]] = ...) -> None: ...

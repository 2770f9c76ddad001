from google.api import annotations_pb2 as _annotations_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.notification.v1 import contact_pb2 as _contact_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateEmailContactRequest(_message.Message):
    __slots__ = ("user_id", "email_contact")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_CONTACT_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    email_contact: _contact_pb2.EmailContact
    def __init__(self, user_id: _Optional[int] = ..., email_contact: _Optional[_Union[_contact_pb2.EmailContact, _Mapping]] = ...) -> None: ...

class ListEmailContactsRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    def __init__(self, user_id: _Optional[int] = ...) -> None: ...

class ListEmailContactsResponse(_message.Message):
    __slots__ = ("email_contacts",)
    EMAIL_CONTACTS_FIELD_NUMBER: _ClassVar[int]
    email_contacts: _containers.RepeatedCompositeFieldContainer[_contact_pb2.EmailContact]
    def __init__(self, email_contacts: _Optional[_Iterable[_Union[_contact_pb2.EmailContact, _Mapping]]] = ...) -> None: ...

class GetEmailContactRequest(_message.Message):
    __slots__ = ("user_id", "id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ...) -> None: ...

class UpdateEmailContactRequest(_message.Message):
    __slots__ = ("user_id", "id", "email_contact")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_CONTACT_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    email_contact: _contact_pb2.EmailContact
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ..., email_contact: _Optional[_Union[_contact_pb2.EmailContact, _Mapping]] = ...) -> None: ...

class DeleteEmailContactRequest(_message.Message):
    __slots__ = ("user_id", "id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ...) -> None: ...

class DeleteEmailContactResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SearchEmailContactRequest(_message.Message):
    __slots__ = ("user_id", "email_contact")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_CONTACT_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    email_contact: _contact_pb2.EmailContact
    def __init__(self, user_id: _Optional[int] = ..., email_contact: _Optional[_Union[_contact_pb2.EmailContact, _Mapping]] = ...) -> None: ...

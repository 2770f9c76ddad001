import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.notification.v1 import contact_pb2 as _contact_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateContactRequest(_message.Message):
    __slots__ = ("user_id", "contact")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    contact: _contact_pb2.Contact
    def __init__(self, user_id: _Optional[int] = ..., contact: _Optional[_Union[_contact_pb2.Contact, _Mapping]] = ...) -> None: ...

class ListContactsRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    def __init__(self, user_id: _Optional[int] = ...) -> None: ...

class ListContactsResponse(_message.Message):
    __slots__ = ("contacts",)
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    contacts: _containers.RepeatedCompositeFieldContainer[_contact_pb2.Contact]
    def __init__(self, contacts: _Optional[_Iterable[_Union[_contact_pb2.Contact, _Mapping]]] = ...) -> None: ...

class GetContactRequest(_message.Message):
    __slots__ = ("user_id", "id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ...) -> None: ...

class UpdateContactRequest(_message.Message):
    __slots__ = ("user_id", "id", "contact")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    contact: _contact_pb2.Contact
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ..., contact: _Optional[_Union[_contact_pb2.Contact, _Mapping]] = ...) -> None: ...

class DeleteContactRequest(_message.Message):
    __slots__ = ("user_id", "id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ...) -> None: ...

class DeleteContactResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SendVerificationRequest(_message.Message):
    __slots__ = ("user_id", "id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ...) -> None: ...

class Verification(_message.Message):
    __slots__ = ("expire_time", "tries_left", "notification_id")
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    TRIES_LEFT_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    expire_time: _timestamp_pb2.Timestamp
    tries_left: int
    notification_id: int
    def __init__(self, expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., tries_left: _Optional[int] = ..., notification_id: _Optional[int] = ...) -> None: ...

class ConfirmVerificationRequest(_message.Message):
    __slots__ = ("user_id", "id", "confirmation")
    class Confirmation(_message.Message):
        __slots__ = ("code",)
        CODE_FIELD_NUMBER: _ClassVar[int]
        code: str
        def __init__(self, code: _Optional[str] = ...) -> None: ...
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    CONFIRMATION_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    confirmation: ConfirmVerificationRequest.Confirmation
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ..., confirmation: _Optional[_Union[ConfirmVerificationRequest.Confirmation, _Mapping]] = ...) -> None: ...

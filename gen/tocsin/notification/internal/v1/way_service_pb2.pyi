import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.notification.v1 import contact_pb2 as _contact_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FindWaysRequest(_message.Message):
    __slots__ = ("user_ids", "time")
    USER_IDS_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    user_ids: _containers.RepeatedScalarFieldContainer[int]
    time: _timestamp_pb2.Timestamp
    def __init__(self, user_ids: _Optional[_Iterable[int]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class FindWaysResponse(_message.Message):
    __slots__ = ("people", "public_url")
    class Way(_message.Message):
        __slots__ = ("contact", "method", "delay", "held")
        CONTACT_FIELD_NUMBER: _ClassVar[int]
        METHOD_FIELD_NUMBER: _ClassVar[int]
        DELAY_FIELD_NUMBER: _ClassVar[int]
        HELD_FIELD_NUMBER: _ClassVar[int]
        contact: _contact_pb2.Contact
        method: _contact_pb2.Contact.Method
        delay: _duration_pb2.Duration
        held: str
        def __init__(self, contact: _Optional[_Union[_contact_pb2.Contact, _Mapping]] = ..., method: _Optional[_Union[_contact_pb2.Contact.Method, str]] = ..., delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., held: _Optional[str] = ...) -> None: ...
    class Unused(_message.Message):
        __slots__ = ("contact", "setting")
        CONTACT_FIELD_NUMBER: _ClassVar[int]
        SETTING_FIELD_NUMBER: _ClassVar[int]
        contact: _contact_pb2.Contact
        setting: str
        def __init__(self, contact: _Optional[_Union[_contact_pb2.Contact, _Mapping]] = ..., setting: _Optional[str] = ...) -> None: ...
    class Person(_message.Message):
        __slots__ = ("user_id", "contacts", "high", "low", "unused")
        USER_ID_FIELD_NUMBER: _ClassVar[int]
        CONTACTS_FIELD_NUMBER: _ClassVar[int]
        HIGH_FIELD_NUMBER: _ClassVar[int]
        LOW_FIELD_NUMBER: _ClassVar[int]
        UNUSED_FIELD_NUMBER: _ClassVar[int]
        user_id: int
        contacts: _containers.RepeatedCompositeFieldContainer[_contact_pb2.Contact]
        high: _containers.RepeatedCompositeFieldContainer[FindWaysResponse.Way]
        low: _containers.RepeatedCompositeFieldContainer[FindWaysResponse.Way]
        unused: _containers.RepeatedCompositeFieldContainer[FindWaysResponse.Unused]
        def __init__(self, user_id: _Optional[int] = ..., contacts: _Optional[_Iterable[_Union[_contact_pb2.Contact, _Mapping]]] = ..., high: _Optional[_Iterable[_Union[FindWaysResponse.Way, _Mapping]]] = ..., low: _Optional[_Iterable[_Union[FindWaysResponse.Way, _Mapping]]] = ..., unused: _Optional[_Iterable[_Union[FindWaysResponse.Unused, _Mapping]]] = ...) -> None: ...
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_URL_FIELD_NUMBER: _ClassVar[int]
    people: _containers.RepeatedCompositeFieldContainer[FindWaysResponse.Person]
    public_url: str
    def __init__(self, people: _Optional[_Iterable[_Union[FindWaysResponse.Person, _Mapping]]] = ..., public_url: _Optional[str] = ...) -> None: ...

import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Contact(_message.Message):
    __slots__ = ("id", "user_id", "method", "target", "create_time", "name", "region_code", "status")
    class Method(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        METHOD_UNSPECIFIED: _ClassVar[Contact.Method]
        TERMINAL: _ClassVar[Contact.Method]
        EMAIL: _ClassVar[Contact.Method]
        WEBHOOK: _ClassVar[Contact.Method]
        SMS: _ClassVar[Contact.Method]
        VOICE: _ClassVar[Contact.Method]
        PUSH: _ClassVar[Contact.Method]
        TELEGRAM: _ClassVar[Contact.Method]
        SLACK: _ClassVar[Contact.Method]
        APPRISE: _ClassVar[Contact.Method]
        PHONE: _ClassVar[Contact.Method]
    METHOD_UNSPECIFIED: Contact.Method
    TERMINAL: Contact.Method
    EMAIL: Contact.Method
    WEBHOOK: Contact.Method
    SMS: Contact.Method
    VOICE: Contact.Method
    PUSH: Contact.Method
    TELEGRAM: Contact.Method
    SLACK: Contact.Method
    APPRISE: Contact.Method
    PHONE: Contact.Method
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[Contact.Status]
        OK: _ClassVar[Contact.Status]
        LOCKED: _ClassVar[Contact.Status]
        BLACKLISTED: _ClassVar[Contact.Status]
    STATUS_UNSPECIFIED: Contact.Status
    OK: Contact.Status
    LOCKED: Contact.Status
    BLACKLISTED: Contact.Status
    ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    id: int
    user_id: int
    method: Contact.Method
    target: str
    create_time: _timestamp_pb2.Timestamp
    name: str
    region_code: str
    status: Contact.Status
    def __init__(self, id: _Optional[int] = ..., user_id: _Optional[int] = ..., method: _Optional[_Union[Contact.Method, str]] = ..., target: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., name: _Optional[str] = ..., region_code: _Optional[str] = ..., status: _Optional[_Union[Contact.Status, str]] = ...) -> None: ...

class EmailContact(_message.Message):
    __slots__ = ("id", "target", "status")
    ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    id: int
    target: str
    status: Contact.Status
    def __init__(self, id: _Optional[int] = ..., target: _Optional[str] = ..., status: _Optional[_Union[Contact.Status, str]] = ...) -> None: ...

class PhoneNumberContact(_message.Message):
    __slots__ = ("id", "region_code", "target", "status")
    ID_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    id: int
    region_code: str
    target: str
    status: Contact.Status
    def __init__(self, id: _Optional[int] = ..., region_code: _Optional[str] = ..., target: _Optional[str] = ..., status: _Optional[_Union[Contact.Status, str]] = ...) -> None: ...

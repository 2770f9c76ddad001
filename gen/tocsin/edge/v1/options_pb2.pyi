from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
HTTP_FIELD_NUMBER: _ClassVar[int]
http: _descriptor.FieldDescriptor
ACCESS_FIELD_NUMBER: _ClassVar[int]
access: _descriptor.FieldDescriptor
ONLY_INCLUDED_FIELD_NUMBER: _ClassVar[int]
only_included: _descriptor.FieldDescriptor
NOT_IN_REFERENCES_FIELD_NUMBER: _ClassVar[int]
not_in_references: _descriptor.FieldDescriptor
WALL_TIME_FIELD_NUMBER: _ClassVar[int]
wall_time: _descriptor.FieldDescriptor

class HttpHints(_message.Message):
    __slots__ = ("success", "unwrap", "idempotent", "timeout_ms", "body_message", "lenient_query", "dialect", "empty_is_no_content", "any_media_type", "reply_type")
    class Dialect(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        DIALECT_UNSPECIFIED: _ClassVar[HttpHints.Dialect]
        ILERT: _ClassVar[HttpHints.Dialect]
        INCIDENT_IO: _ClassVar[HttpHints.Dialect]
        TTYOPS: _ClassVar[HttpHints.Dialect]
        PAGERDUTY: _ClassVar[HttpHints.Dialect]
        OPSGENIE: _ClassVar[HttpHints.Dialect]
    DIALECT_UNSPECIFIED: HttpHints.Dialect
    ILERT: HttpHints.Dialect
    INCIDENT_IO: HttpHints.Dialect
    TTYOPS: HttpHints.Dialect
    PAGERDUTY: HttpHints.Dialect
    OPSGENIE: HttpHints.Dialect
    SUCCESS_FIELD_NUMBER: _ClassVar[int]
    UNWRAP_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENT_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    BODY_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    LENIENT_QUERY_FIELD_NUMBER: _ClassVar[int]
    DIALECT_FIELD_NUMBER: _ClassVar[int]
    EMPTY_IS_NO_CONTENT_FIELD_NUMBER: _ClassVar[int]
    ANY_MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    REPLY_TYPE_FIELD_NUMBER: _ClassVar[int]
    success: int
    unwrap: bool
    idempotent: bool
    timeout_ms: int
    body_message: str
    lenient_query: bool
    dialect: HttpHints.Dialect
    empty_is_no_content: bool
    any_media_type: bool
    reply_type: str
    def __init__(self, success: _Optional[int] = ..., unwrap: bool = ..., idempotent: bool = ..., timeout_ms: _Optional[int] = ..., body_message: _Optional[str] = ..., lenient_query: bool = ..., dialect: _Optional[_Union[HttpHints.Dialect, str]] = ..., empty_is_no_content: bool = ..., any_media_type: bool = ..., reply_type: _Optional[str] = ...) -> None: ...

class Access(_message.Message):
    __slots__ = ("scope", "open", "teams", "also")
    class Teams(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TEAMS_UNSPECIFIED: _ClassVar[Access.Teams]
        NOBODYS: _ClassVar[Access.Teams]
        LISTED: _ClassVar[Access.Teams]
        SEEN: _ClassVar[Access.Teams]
        ANSWERED: _ClassVar[Access.Teams]
        CHANGED: _ClassVar[Access.Teams]
        GIVEN: _ClassVar[Access.Teams]
    TEAMS_UNSPECIFIED: Access.Teams
    NOBODYS: Access.Teams
    LISTED: Access.Teams
    SEEN: Access.Teams
    ANSWERED: Access.Teams
    CHANGED: Access.Teams
    GIVEN: Access.Teams
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    TEAMS_FIELD_NUMBER: _ClassVar[int]
    ALSO_FIELD_NUMBER: _ClassVar[int]
    scope: str
    open: bool
    teams: Access.Teams
    also: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, scope: _Optional[str] = ..., open: bool = ..., teams: _Optional[_Union[Access.Teams, str]] = ..., also: _Optional[_Iterable[str]] = ...) -> None: ...

from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
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
    __slots__ = ("success", "unwrap", "idempotent", "timeout_ms", "body_message", "lenient_query", "dialect", "empty_is_no_content")
    class Dialect(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        DIALECT_UNSPECIFIED: _ClassVar[HttpHints.Dialect]
        ILERT: _ClassVar[HttpHints.Dialect]
    DIALECT_UNSPECIFIED: HttpHints.Dialect
    ILERT: HttpHints.Dialect
    SUCCESS_FIELD_NUMBER: _ClassVar[int]
    UNWRAP_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENT_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    BODY_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    LENIENT_QUERY_FIELD_NUMBER: _ClassVar[int]
    DIALECT_FIELD_NUMBER: _ClassVar[int]
    EMPTY_IS_NO_CONTENT_FIELD_NUMBER: _ClassVar[int]
    success: int
    unwrap: bool
    idempotent: bool
    timeout_ms: int
    body_message: str
    lenient_query: bool
    dialect: HttpHints.Dialect
    empty_is_no_content: bool
    def __init__(self, success: _Optional[int] = ..., unwrap: bool = ..., idempotent: bool = ..., timeout_ms: _Optional[int] = ..., body_message: _Optional[str] = ..., lenient_query: bool = ..., dialect: _Optional[_Union[HttpHints.Dialect, str]] = ..., empty_is_no_content: bool = ...) -> None: ...

class Access(_message.Message):
    __slots__ = ("scope", "open")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    scope: str
    open: bool
    def __init__(self, scope: _Optional[str] = ..., open: bool = ...) -> None: ...

from google.api import annotations_pb2 as _annotations_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GatewayMessage(_message.Message):
    __slots__ = ("id", "type", "to", "text", "language", "possible_repeat", "keys", "notification_id", "callback_url")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[GatewayMessage.Type]
        SMS: _ClassVar[GatewayMessage.Type]
        CALL: _ClassVar[GatewayMessage.Type]
    TYPE_UNSPECIFIED: GatewayMessage.Type
    SMS: GatewayMessage.Type
    CALL: GatewayMessage.Type
    ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    POSSIBLE_REPEAT_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    CALLBACK_URL_FIELD_NUMBER: _ClassVar[int]
    id: str
    type: GatewayMessage.Type
    to: str
    text: str
    language: str
    possible_repeat: bool
    keys: _containers.RepeatedScalarFieldContainer[str]
    notification_id: int
    callback_url: str
    def __init__(self, id: _Optional[str] = ..., type: _Optional[_Union[GatewayMessage.Type, str]] = ..., to: _Optional[str] = ..., text: _Optional[str] = ..., language: _Optional[str] = ..., possible_repeat: bool = ..., keys: _Optional[_Iterable[str]] = ..., notification_id: _Optional[int] = ..., callback_url: _Optional[str] = ...) -> None: ...

class GatewayReceipt(_message.Message):
    __slots__ = ("id", "status", "reason", "type")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[GatewayReceipt.Status]
        DELIVERED: _ClassVar[GatewayReceipt.Status]
        READ: _ClassVar[GatewayReceipt.Status]
        FAILED: _ClassVar[GatewayReceipt.Status]
    STATUS_UNSPECIFIED: GatewayReceipt.Status
    DELIVERED: GatewayReceipt.Status
    READ: GatewayReceipt.Status
    FAILED: GatewayReceipt.Status
    ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    id: str
    status: GatewayReceipt.Status
    reason: str
    type: GatewayMessage.Type
    def __init__(self, id: _Optional[str] = ..., status: _Optional[_Union[GatewayReceipt.Status, str]] = ..., reason: _Optional[str] = ..., type: _Optional[_Union[GatewayMessage.Type, str]] = ...) -> None: ...

class GatewayRefusal(_message.Message):
    __slots__ = ("error",)
    ERROR_FIELD_NUMBER: _ClassVar[int]
    error: str
    def __init__(self, error: _Optional[str] = ...) -> None: ...

class GatewayReply(_message.Message):
    __slots__ = ("text",)
    FROM_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    def __init__(self, text: _Optional[str] = ..., **kwargs) -> None: ...

class GatewayKey(_message.Message):
    __slots__ = ("notification_id", "to", "key")
    NOTIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    notification_id: int
    to: str
    key: str
    def __init__(self, notification_id: _Optional[int] = ..., to: _Optional[str] = ..., key: _Optional[str] = ...) -> None: ...

class GatewayAnswer(_message.Message):
    __slots__ = ("text", "language", "keys")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    text: str
    language: str
    keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, text: _Optional[str] = ..., language: _Optional[str] = ..., keys: _Optional[_Iterable[str]] = ...) -> None: ...

class TakeGatewayReceiptRequest(_message.Message):
    __slots__ = ("body",)
    BODY_FIELD_NUMBER: _ClassVar[int]
    body: _httpbody_pb2.HttpBody
    def __init__(self, body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class TakeGatewayReceiptResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class TakeGatewayReplyRequest(_message.Message):
    __slots__ = ("body",)
    BODY_FIELD_NUMBER: _ClassVar[int]
    body: _httpbody_pb2.HttpBody
    def __init__(self, body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class TakeGatewayKeyRequest(_message.Message):
    __slots__ = ("body",)
    BODY_FIELD_NUMBER: _ClassVar[int]
    body: _httpbody_pb2.HttpBody
    def __init__(self, body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

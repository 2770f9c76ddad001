from google.api import annotations_pb2 as _annotations_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HttpAlertEvent(_message.Message):
    __slots__ = ("title", "status", "deduplication_key", "description", "metadata", "source_url")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATION_KEY_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    SOURCE_URL_FIELD_NUMBER: _ClassVar[int]
    title: str
    status: str
    deduplication_key: str
    description: str
    metadata: _struct_pb2.Struct
    source_url: str
    def __init__(self, title: _Optional[str] = ..., status: _Optional[str] = ..., deduplication_key: _Optional[str] = ..., description: _Optional[str] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., source_url: _Optional[str] = ...) -> None: ...

class CreateHttpAlertEventRequest(_message.Message):
    __slots__ = ("alert_source_config_id", "body")
    ALERT_SOURCE_CONFIG_ID_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    alert_source_config_id: str
    body: _httpbody_pb2.HttpBody
    def __init__(self, alert_source_config_id: _Optional[str] = ..., body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class CreateHttpAlertEventResponse(_message.Message):
    __slots__ = ("status", "message", "deduplication_key")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATION_KEY_FIELD_NUMBER: _ClassVar[int]
    status: str
    message: str
    deduplication_key: str
    def __init__(self, status: _Optional[str] = ..., message: _Optional[str] = ..., deduplication_key: _Optional[str] = ...) -> None: ...

from google.api import annotations_pb2 as _annotations_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from tocsin.edge.v1 import content_pb2 as _content_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PagerdutyEvent(_message.Message):
    __slots__ = ("routing_key", "event_action", "dedup_key", "payload", "images", "links", "client", "client_url")
    class Payload(_message.Message):
        __slots__ = ("summary", "source", "severity", "timestamp", "component", "group", "custom_details")
        SUMMARY_FIELD_NUMBER: _ClassVar[int]
        SOURCE_FIELD_NUMBER: _ClassVar[int]
        SEVERITY_FIELD_NUMBER: _ClassVar[int]
        TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
        COMPONENT_FIELD_NUMBER: _ClassVar[int]
        GROUP_FIELD_NUMBER: _ClassVar[int]
        CLASS_FIELD_NUMBER: _ClassVar[int]
        CUSTOM_DETAILS_FIELD_NUMBER: _ClassVar[int]
        summary: str
        source: str
        severity: str
        timestamp: str
        component: str
        group: str
        custom_details: _struct_pb2.Struct
        def __init__(self, summary: _Optional[str] = ..., source: _Optional[str] = ..., severity: _Optional[str] = ..., timestamp: _Optional[str] = ..., component: _Optional[str] = ..., group: _Optional[str] = ..., custom_details: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., **kwargs) -> None: ...
    ROUTING_KEY_FIELD_NUMBER: _ClassVar[int]
    EVENT_ACTION_FIELD_NUMBER: _ClassVar[int]
    DEDUP_KEY_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    CLIENT_URL_FIELD_NUMBER: _ClassVar[int]
    routing_key: str
    event_action: str
    dedup_key: str
    payload: PagerdutyEvent.Payload
    images: _containers.RepeatedCompositeFieldContainer[_content_pb2.Image]
    links: _containers.RepeatedCompositeFieldContainer[_content_pb2.Link]
    client: str
    client_url: str
    def __init__(self, routing_key: _Optional[str] = ..., event_action: _Optional[str] = ..., dedup_key: _Optional[str] = ..., payload: _Optional[_Union[PagerdutyEvent.Payload, _Mapping]] = ..., images: _Optional[_Iterable[_Union[_content_pb2.Image, _Mapping]]] = ..., links: _Optional[_Iterable[_Union[_content_pb2.Link, _Mapping]]] = ..., client: _Optional[str] = ..., client_url: _Optional[str] = ...) -> None: ...

class EnqueuePagerdutyEventRequest(_message.Message):
    __slots__ = ("body",)
    BODY_FIELD_NUMBER: _ClassVar[int]
    body: _httpbody_pb2.HttpBody
    def __init__(self, body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class EnqueuePagerdutyEventResponse(_message.Message):
    __slots__ = ("status", "message", "dedup_key")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DEDUP_KEY_FIELD_NUMBER: _ClassVar[int]
    status: str
    message: str
    dedup_key: str
    def __init__(self, status: _Optional[str] = ..., message: _Optional[str] = ..., dedup_key: _Optional[str] = ...) -> None: ...

class EnqueuePagerdutyChangeRequest(_message.Message):
    __slots__ = ("body",)
    BODY_FIELD_NUMBER: _ClassVar[int]
    body: _httpbody_pb2.HttpBody
    def __init__(self, body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class EnqueuePagerdutyChangeResponse(_message.Message):
    __slots__ = ("status", "message")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    status: str
    message: str
    def __init__(self, status: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

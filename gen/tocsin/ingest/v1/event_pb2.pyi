from google.protobuf import struct_pb2 as _struct_pb2
from tocsin.edge.v1 import content_pb2 as _content_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Event(_message.Message):
    __slots__ = ("api_key", "integration_key", "event_type", "summary", "details", "alert_key", "priority", "images", "links", "custom_details", "routing_key", "severity", "comments", "labels")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[Event.Type]
        ALERT: _ClassVar[Event.Type]
        ACCEPT: _ClassVar[Event.Type]
        RESOLVE: _ClassVar[Event.Type]
        COMMENT: _ClassVar[Event.Type]
    TYPE_UNSPECIFIED: Event.Type
    ALERT: Event.Type
    ACCEPT: Event.Type
    RESOLVE: Event.Type
    COMMENT: Event.Type
    class Priority(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PRIORITY_UNSPECIFIED: _ClassVar[Event.Priority]
        HIGH: _ClassVar[Event.Priority]
        LOW: _ClassVar[Event.Priority]
    PRIORITY_UNSPECIFIED: Event.Priority
    HIGH: Event.Priority
    LOW: Event.Priority
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    INTEGRATION_KEY_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    ALERT_KEY_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_DETAILS_FIELD_NUMBER: _ClassVar[int]
    ROUTING_KEY_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    COMMENTS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    api_key: str
    integration_key: str
    event_type: Event.Type
    summary: str
    details: str
    alert_key: str
    priority: Event.Priority
    images: _containers.RepeatedCompositeFieldContainer[_content_pb2.Image]
    links: _containers.RepeatedCompositeFieldContainer[_content_pb2.Link]
    custom_details: _struct_pb2.Struct
    routing_key: str
    severity: int
    comments: _containers.RepeatedCompositeFieldContainer[EventComment]
    labels: _containers.ScalarMap[str, str]
    def __init__(self, api_key: _Optional[str] = ..., integration_key: _Optional[str] = ..., event_type: _Optional[_Union[Event.Type, str]] = ..., summary: _Optional[str] = ..., details: _Optional[str] = ..., alert_key: _Optional[str] = ..., priority: _Optional[_Union[Event.Priority, str]] = ..., images: _Optional[_Iterable[_Union[_content_pb2.Image, _Mapping]]] = ..., links: _Optional[_Iterable[_Union[_content_pb2.Link, _Mapping]]] = ..., custom_details: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., routing_key: _Optional[str] = ..., severity: _Optional[int] = ..., comments: _Optional[_Iterable[_Union[EventComment, _Mapping]]] = ..., labels: _Optional[_Mapping[str, str]] = ...) -> None: ...

class EventComment(_message.Message):
    __slots__ = ("creator", "content")
    CREATOR_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    creator: str
    content: str
    def __init__(self, creator: _Optional[str] = ..., content: _Optional[str] = ...) -> None: ...

class EventReceipt(_message.Message):
    __slots__ = ("alert_key", "alert_url", "response_code", "event_id")
    ALERT_KEY_FIELD_NUMBER: _ClassVar[int]
    ALERT_URL_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_CODE_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    alert_key: str
    alert_url: str
    response_code: str
    event_id: str
    def __init__(self, alert_key: _Optional[str] = ..., alert_url: _Optional[str] = ..., response_code: _Optional[str] = ..., event_id: _Optional[str] = ...) -> None: ...

class EventResult(_message.Message):
    __slots__ = ("receipt", "refusal")
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    receipt: EventReceipt
    refusal: EventRefusal
    def __init__(self, receipt: _Optional[_Union[EventReceipt, _Mapping]] = ..., refusal: _Optional[_Union[EventRefusal, _Mapping]] = ...) -> None: ...

class EventRefusal(_message.Message):
    __slots__ = ("status", "code", "message", "field")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    status: int
    code: str
    message: str
    field: str
    def __init__(self, status: _Optional[int] = ..., code: _Optional[str] = ..., message: _Optional[str] = ..., field: _Optional[str] = ...) -> None: ...

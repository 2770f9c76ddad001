import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import content_pb2 as _content_pb2
from tocsin.ingest.v1 import alert_source_pb2 as _alert_source_pb2
from tocsin.ingest.v1 import event_pb2 as _event_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EventsAccepted(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[AcceptedEvent]
    def __init__(self, events: _Optional[_Iterable[_Union[AcceptedEvent, _Mapping]]] = ...) -> None: ...

class AcceptedEvent(_message.Message):
    __slots__ = ("seq", "event_id", "source_id", "source_version", "type", "alert_key", "match_key", "summary", "details", "priority", "images", "links", "custom_details", "routing_keys", "escalation_policy_id", "accept_time", "repeat", "severity", "comments", "labels", "creation", "auto_resolution_seconds", "silent")
    class Repeat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REPEAT_UNSPECIFIED: _ClassVar[AcceptedEvent.Repeat]
        APPEND: _ClassVar[AcceptedEvent.Repeat]
        KEEP: _ClassVar[AcceptedEvent.Repeat]
        UPDATE: _ClassVar[AcceptedEvent.Repeat]
    REPEAT_UNSPECIFIED: AcceptedEvent.Repeat
    APPEND: AcceptedEvent.Repeat
    KEEP: AcceptedEvent.Repeat
    UPDATE: AcceptedEvent.Repeat
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_VERSION_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ALERT_KEY_FIELD_NUMBER: _ClassVar[int]
    MATCH_KEY_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_DETAILS_FIELD_NUMBER: _ClassVar[int]
    ROUTING_KEYS_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_TIME_FIELD_NUMBER: _ClassVar[int]
    REPEAT_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    COMMENTS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    CREATION_FIELD_NUMBER: _ClassVar[int]
    AUTO_RESOLUTION_SECONDS_FIELD_NUMBER: _ClassVar[int]
    SILENT_FIELD_NUMBER: _ClassVar[int]
    seq: int
    event_id: str
    source_id: int
    source_version: int
    type: _event_pb2.Event.Type
    alert_key: str
    match_key: str
    summary: str
    details: str
    priority: _event_pb2.Event.Priority
    images: _containers.RepeatedCompositeFieldContainer[_content_pb2.Image]
    links: _containers.RepeatedCompositeFieldContainer[_content_pb2.Link]
    custom_details: bytes
    routing_keys: _containers.RepeatedScalarFieldContainer[str]
    escalation_policy_id: int
    accept_time: _timestamp_pb2.Timestamp
    repeat: AcceptedEvent.Repeat
    severity: int
    comments: _containers.RepeatedCompositeFieldContainer[_event_pb2.EventComment]
    labels: _containers.ScalarMap[str, str]
    creation: _alert_source_pb2.AlertSource.Creation
    auto_resolution_seconds: int
    silent: bool
    def __init__(self, seq: _Optional[int] = ..., event_id: _Optional[str] = ..., source_id: _Optional[int] = ..., source_version: _Optional[int] = ..., type: _Optional[_Union[_event_pb2.Event.Type, str]] = ..., alert_key: _Optional[str] = ..., match_key: _Optional[str] = ..., summary: _Optional[str] = ..., details: _Optional[str] = ..., priority: _Optional[_Union[_event_pb2.Event.Priority, str]] = ..., images: _Optional[_Iterable[_Union[_content_pb2.Image, _Mapping]]] = ..., links: _Optional[_Iterable[_Union[_content_pb2.Link, _Mapping]]] = ..., custom_details: _Optional[bytes] = ..., routing_keys: _Optional[_Iterable[str]] = ..., escalation_policy_id: _Optional[int] = ..., accept_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., repeat: _Optional[_Union[AcceptedEvent.Repeat, str]] = ..., severity: _Optional[int] = ..., comments: _Optional[_Iterable[_Union[_event_pb2.EventComment, _Mapping]]] = ..., labels: _Optional[_Mapping[str, str]] = ..., creation: _Optional[_Union[_alert_source_pb2.AlertSource.Creation, str]] = ..., auto_resolution_seconds: _Optional[int] = ..., silent: bool = ...) -> None: ...

class AlertSourceChanged(_message.Message):
    __slots__ = ("alert_source", "version", "deleted")
    ALERT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    alert_source: _alert_source_pb2.AlertSource
    version: int
    deleted: bool
    def __init__(self, alert_source: _Optional[_Union[_alert_source_pb2.AlertSource, _Mapping]] = ..., version: _Optional[int] = ..., deleted: bool = ...) -> None: ...

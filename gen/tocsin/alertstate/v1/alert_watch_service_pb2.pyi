from google.api import annotations_pb2 as _annotations_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from tocsin.alertstate.v1 import alert_pb2 as _alert_pb2
from tocsin.alertstate.v1 import alert_events_pb2 as _alert_events_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WatchAlertsRequest(_message.Message):
    __slots__ = ("resume_token", "states", "sources")
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    resume_token: str
    states: _containers.RepeatedScalarFieldContainer[_alert_pb2.Alert.Status]
    sources: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, resume_token: _Optional[str] = ..., states: _Optional[_Iterable[_Union[_alert_pb2.Alert.Status, str]]] = ..., sources: _Optional[_Iterable[int]] = ...) -> None: ...

class WatchAlertsResponse(_message.Message):
    __slots__ = ("resume_token", "alert", "cause", "version")
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ALERT_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    resume_token: str
    alert: _alert_pb2.Alert
    cause: _alert_events_pb2.AlertChanged.Cause
    version: int
    def __init__(self, resume_token: _Optional[str] = ..., alert: _Optional[_Union[_alert_pb2.Alert, _Mapping]] = ..., cause: _Optional[_Union[_alert_events_pb2.AlertChanged.Cause, str]] = ..., version: _Optional[int] = ...) -> None: ...

class StreamAlertsRequest(_message.Message):
    __slots__ = ("resume_token", "states", "sources")
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    resume_token: str
    states: _containers.RepeatedScalarFieldContainer[_alert_pb2.Alert.Status]
    sources: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, resume_token: _Optional[str] = ..., states: _Optional[_Iterable[_Union[_alert_pb2.Alert.Status, str]]] = ..., sources: _Optional[_Iterable[int]] = ...) -> None: ...

from tocsin.alertstate.v1 import alert_pb2 as _alert_pb2
from tocsin.chassis.internal.v1 import caller_pb2 as _caller_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReadAlertRequest(_message.Message):
    __slots__ = ("id", "reader", "language")
    ID_FIELD_NUMBER: _ClassVar[int]
    READER_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    id: int
    reader: _caller_pb2.Caller
    language: str
    def __init__(self, id: _Optional[int] = ..., reader: _Optional[_Union[_caller_pb2.Caller, _Mapping]] = ..., language: _Optional[str] = ...) -> None: ...

class ReadAlertResponse(_message.Message):
    __slots__ = ("alert", "log_entries", "comments")
    ALERT_FIELD_NUMBER: _ClassVar[int]
    LOG_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    COMMENTS_FIELD_NUMBER: _ClassVar[int]
    alert: _alert_pb2.Alert
    log_entries: _containers.RepeatedCompositeFieldContainer[_alert_pb2.LogEntry]
    comments: _containers.RepeatedCompositeFieldContainer[_alert_pb2.Comment]
    def __init__(self, alert: _Optional[_Union[_alert_pb2.Alert, _Mapping]] = ..., log_entries: _Optional[_Iterable[_Union[_alert_pb2.LogEntry, _Mapping]]] = ..., comments: _Optional[_Iterable[_Union[_alert_pb2.Comment, _Mapping]]] = ...) -> None: ...

from google.api import annotations_pb2 as _annotations_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.ingest.v1 import alert_source_pb2 as _alert_source_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RotateIntegrationKeyRequest(_message.Message):
    __slots__ = ("id", "rotation")
    class Rotation(_message.Message):
        __slots__ = ("overlap_seconds",)
        OVERLAP_SECONDS_FIELD_NUMBER: _ClassVar[int]
        overlap_seconds: int
        def __init__(self, overlap_seconds: _Optional[int] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    ROTATION_FIELD_NUMBER: _ClassVar[int]
    id: int
    rotation: RotateIntegrationKeyRequest.Rotation
    def __init__(self, id: _Optional[int] = ..., rotation: _Optional[_Union[RotateIntegrationKeyRequest.Rotation, _Mapping]] = ...) -> None: ...

class UpdateAlertSourceRequest(_message.Message):
    __slots__ = ("id", "alert_source")
    ID_FIELD_NUMBER: _ClassVar[int]
    ALERT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    id: int
    alert_source: _alert_source_pb2.AlertSource
    def __init__(self, id: _Optional[int] = ..., alert_source: _Optional[_Union[_alert_source_pb2.AlertSource, _Mapping]] = ...) -> None: ...

class DeleteAlertSourceRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class DeleteAlertSourceResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetAlertSourceByNameRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class CreateAlertSourceRequest(_message.Message):
    __slots__ = ("alert_source",)
    ALERT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    alert_source: _alert_source_pb2.AlertSource
    def __init__(self, alert_source: _Optional[_Union[_alert_source_pb2.AlertSource, _Mapping]] = ...) -> None: ...

class GetAlertSourceRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class ListAlertSourcesRequest(_message.Message):
    __slots__ = ("start_index", "max_results")
    START_INDEX_FIELD_NUMBER: _ClassVar[int]
    MAX_RESULTS_FIELD_NUMBER: _ClassVar[int]
    start_index: int
    max_results: int
    def __init__(self, start_index: _Optional[int] = ..., max_results: _Optional[int] = ...) -> None: ...

class ListAlertSourcesResponse(_message.Message):
    __slots__ = ("alert_sources",)
    ALERT_SOURCES_FIELD_NUMBER: _ClassVar[int]
    alert_sources: _containers.RepeatedCompositeFieldContainer[_alert_source_pb2.AlertSource]
    def __init__(self, alert_sources: _Optional[_Iterable[_Union[_alert_source_pb2.AlertSource, _Mapping]]] = ...) -> None: ...

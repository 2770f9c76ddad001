from tocsin.chassis.internal.v1 import caller_pb2 as _caller_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.ingest.v1 import alert_source_pb2 as _alert_source_pb2
from tocsin.ingest.v1 import ingest_events_pb2 as _ingest_events_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExportSourcesRequest(_message.Message):
    __slots__ = ("caller",)
    CALLER_FIELD_NUMBER: _ClassVar[int]
    caller: _caller_pb2.Caller
    def __init__(self, caller: _Optional[_Union[_caller_pb2.Caller, _Mapping]] = ...) -> None: ...

class ExportSourcesResponse(_message.Message):
    __slots__ = ("alert_sources", "digest", "last_id")
    ALERT_SOURCES_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    LAST_ID_FIELD_NUMBER: _ClassVar[int]
    alert_sources: _containers.RepeatedCompositeFieldContainer[_alert_source_pb2.AlertSource]
    digest: str
    last_id: int
    def __init__(self, alert_sources: _Optional[_Iterable[_Union[_alert_source_pb2.AlertSource, _Mapping]]] = ..., digest: _Optional[str] = ..., last_id: _Optional[int] = ...) -> None: ...

class ApplySourcesRequest(_message.Message):
    __slots__ = ("caller", "digest", "sources", "deleted", "dry_run", "coming_policies", "coming_teams", "coming_support_hours", "last_id")
    CALLER_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    COMING_POLICIES_FIELD_NUMBER: _ClassVar[int]
    COMING_TEAMS_FIELD_NUMBER: _ClassVar[int]
    COMING_SUPPORT_HOURS_FIELD_NUMBER: _ClassVar[int]
    LAST_ID_FIELD_NUMBER: _ClassVar[int]
    caller: _caller_pb2.Caller
    digest: str
    sources: _containers.RepeatedCompositeFieldContainer[_alert_source_pb2.AlertSource]
    deleted: _containers.RepeatedScalarFieldContainer[int]
    dry_run: bool
    coming_policies: _containers.RepeatedScalarFieldContainer[int]
    coming_teams: _containers.RepeatedScalarFieldContainer[int]
    coming_support_hours: _containers.RepeatedScalarFieldContainer[int]
    last_id: int
    def __init__(self, caller: _Optional[_Union[_caller_pb2.Caller, _Mapping]] = ..., digest: _Optional[str] = ..., sources: _Optional[_Iterable[_Union[_alert_source_pb2.AlertSource, _Mapping]]] = ..., deleted: _Optional[_Iterable[int]] = ..., dry_run: bool = ..., coming_policies: _Optional[_Iterable[int]] = ..., coming_teams: _Optional[_Iterable[int]] = ..., coming_support_hours: _Optional[_Iterable[int]] = ..., last_id: _Optional[int] = ...) -> None: ...

class ApplySourcesResponse(_message.Message):
    __slots__ = ("problems", "changes")
    class Problem(_message.Message):
        __slots__ = ("index", "field", "message", "forbidden")
        INDEX_FIELD_NUMBER: _ClassVar[int]
        FIELD_FIELD_NUMBER: _ClassVar[int]
        MESSAGE_FIELD_NUMBER: _ClassVar[int]
        FORBIDDEN_FIELD_NUMBER: _ClassVar[int]
        index: int
        field: str
        message: str
        forbidden: bool
        def __init__(self, index: _Optional[int] = ..., field: _Optional[str] = ..., message: _Optional[str] = ..., forbidden: bool = ...) -> None: ...
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    problems: _containers.RepeatedCompositeFieldContainer[ApplySourcesResponse.Problem]
    changes: _containers.RepeatedCompositeFieldContainer[_ingest_events_pb2.AlertSourceChanged]
    def __init__(self, problems: _Optional[_Iterable[_Union[ApplySourcesResponse.Problem, _Mapping]]] = ..., changes: _Optional[_Iterable[_Union[_ingest_events_pb2.AlertSourceChanged, _Mapping]]] = ...) -> None: ...

class RevertSourcesRequest(_message.Message):
    __slots__ = ("caller", "sources", "last_id", "asked")
    CALLER_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    LAST_ID_FIELD_NUMBER: _ClassVar[int]
    ASKED_FIELD_NUMBER: _ClassVar[int]
    caller: _caller_pb2.Caller
    sources: _containers.RepeatedCompositeFieldContainer[_alert_source_pb2.AlertSource]
    last_id: int
    asked: _containers.RepeatedCompositeFieldContainer[_alert_source_pb2.AlertSource]
    def __init__(self, caller: _Optional[_Union[_caller_pb2.Caller, _Mapping]] = ..., sources: _Optional[_Iterable[_Union[_alert_source_pb2.AlertSource, _Mapping]]] = ..., last_id: _Optional[int] = ..., asked: _Optional[_Iterable[_Union[_alert_source_pb2.AlertSource, _Mapping]]] = ...) -> None: ...

class RevertSourcesResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

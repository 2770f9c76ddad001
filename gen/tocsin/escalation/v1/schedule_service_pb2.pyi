import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import schedule_pb2 as _schedule_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateScheduleRequest(_message.Message):
    __slots__ = ("schedule", "abort_on_gaps")
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    ABORT_ON_GAPS_FIELD_NUMBER: _ClassVar[int]
    schedule: _schedule_pb2.Schedule
    abort_on_gaps: bool
    def __init__(self, schedule: _Optional[_Union[_schedule_pb2.Schedule, _Mapping]] = ..., abort_on_gaps: bool = ...) -> None: ...

class GetScheduleRequest(_message.Message):
    __slots__ = ("id", "include")
    ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_FIELD_NUMBER: _ClassVar[int]
    id: int
    include: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[int] = ..., include: _Optional[_Iterable[str]] = ...) -> None: ...

class GetScheduleByNameRequest(_message.Message):
    __slots__ = ("name", "include")
    NAME_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_FIELD_NUMBER: _ClassVar[int]
    name: str
    include: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., include: _Optional[_Iterable[str]] = ...) -> None: ...

class ListSchedulesRequest(_message.Message):
    __slots__ = ("start_index", "max_results", "include")
    START_INDEX_FIELD_NUMBER: _ClassVar[int]
    MAX_RESULTS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_FIELD_NUMBER: _ClassVar[int]
    start_index: int
    max_results: int
    include: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, start_index: _Optional[int] = ..., max_results: _Optional[int] = ..., include: _Optional[_Iterable[str]] = ...) -> None: ...

class ListSchedulesResponse(_message.Message):
    __slots__ = ("schedules",)
    SCHEDULES_FIELD_NUMBER: _ClassVar[int]
    schedules: _containers.RepeatedCompositeFieldContainer[_schedule_pb2.Schedule]
    def __init__(self, schedules: _Optional[_Iterable[_Union[_schedule_pb2.Schedule, _Mapping]]] = ...) -> None: ...

class UpdateScheduleRequest(_message.Message):
    __slots__ = ("id", "schedule", "abort_on_gaps")
    ID_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    ABORT_ON_GAPS_FIELD_NUMBER: _ClassVar[int]
    id: int
    schedule: _schedule_pb2.Schedule
    abort_on_gaps: bool
    def __init__(self, id: _Optional[int] = ..., schedule: _Optional[_Union[_schedule_pb2.Schedule, _Mapping]] = ..., abort_on_gaps: bool = ...) -> None: ...

class DeleteScheduleRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class DeleteScheduleResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListShiftsRequest(_message.Message):
    __slots__ = ("id", "until", "exclude_overrides")
    ID_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    EXCLUDE_OVERRIDES_FIELD_NUMBER: _ClassVar[int]
    id: int
    until: _timestamp_pb2.Timestamp
    exclude_overrides: bool
    def __init__(self, id: _Optional[int] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., exclude_overrides: bool = ..., **kwargs) -> None: ...

class ListShiftsResponse(_message.Message):
    __slots__ = ("shifts",)
    SHIFTS_FIELD_NUMBER: _ClassVar[int]
    shifts: _containers.RepeatedCompositeFieldContainer[_schedule_pb2.Shift]
    def __init__(self, shifts: _Optional[_Iterable[_Union[_schedule_pb2.Shift, _Mapping]]] = ...) -> None: ...

class ListOverridesRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class ListOverridesResponse(_message.Message):
    __slots__ = ("overrides",)
    OVERRIDES_FIELD_NUMBER: _ClassVar[int]
    overrides: _containers.RepeatedCompositeFieldContainer[_schedule_pb2.Shift]
    def __init__(self, overrides: _Optional[_Iterable[_Union[_schedule_pb2.Shift, _Mapping]]] = ...) -> None: ...

class AddOverrideRequest(_message.Message):
    __slots__ = ("id", "shift")
    ID_FIELD_NUMBER: _ClassVar[int]
    SHIFT_FIELD_NUMBER: _ClassVar[int]
    id: int
    shift: _schedule_pb2.Shift
    def __init__(self, id: _Optional[int] = ..., shift: _Optional[_Union[_schedule_pb2.Shift, _Mapping]] = ...) -> None: ...

class UpdateOverrideRequest(_message.Message):
    __slots__ = ("id", "override_id", "shift")
    ID_FIELD_NUMBER: _ClassVar[int]
    OVERRIDE_ID_FIELD_NUMBER: _ClassVar[int]
    SHIFT_FIELD_NUMBER: _ClassVar[int]
    id: int
    override_id: int
    shift: _schedule_pb2.Shift
    def __init__(self, id: _Optional[int] = ..., override_id: _Optional[int] = ..., shift: _Optional[_Union[_schedule_pb2.Shift, _Mapping]] = ...) -> None: ...

class DeleteOverrideRequest(_message.Message):
    __slots__ = ("id", "override_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    OVERRIDE_ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    override_id: int
    def __init__(self, id: _Optional[int] = ..., override_id: _Optional[int] = ...) -> None: ...

class DeleteOverrideResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetUserOnCallRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import team_pb2 as _team_pb2
from tocsin.escalation.v1 import user_pb2 as _user_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Schedule(_message.Message):
    __slots__ = ("id", "name", "timezone", "type", "schedule_layers", "shifts", "show_gaps", "default_shift_duration", "current_shift", "next_shift", "teams", "current_shifts", "next_shifts")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[Schedule.Type]
        STATIC: _ClassVar[Schedule.Type]
        RECURRING: _ClassVar[Schedule.Type]
    TYPE_UNSPECIFIED: Schedule.Type
    STATIC: Schedule.Type
    RECURRING: Schedule.Type
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TIMEZONE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_LAYERS_FIELD_NUMBER: _ClassVar[int]
    SHIFTS_FIELD_NUMBER: _ClassVar[int]
    SHOW_GAPS_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_SHIFT_DURATION_FIELD_NUMBER: _ClassVar[int]
    CURRENT_SHIFT_FIELD_NUMBER: _ClassVar[int]
    NEXT_SHIFT_FIELD_NUMBER: _ClassVar[int]
    TEAMS_FIELD_NUMBER: _ClassVar[int]
    CURRENT_SHIFTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_SHIFTS_FIELD_NUMBER: _ClassVar[int]
    id: int
    name: str
    timezone: str
    type: Schedule.Type
    schedule_layers: _containers.RepeatedCompositeFieldContainer[ScheduleLayer]
    shifts: _containers.RepeatedCompositeFieldContainer[Shift]
    show_gaps: bool
    default_shift_duration: str
    current_shift: Shift
    next_shift: Shift
    teams: _containers.RepeatedCompositeFieldContainer[_team_pb2.Team]
    current_shifts: _containers.RepeatedCompositeFieldContainer[Shift]
    next_shifts: _containers.RepeatedCompositeFieldContainer[Shift]
    def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ..., timezone: _Optional[str] = ..., type: _Optional[_Union[Schedule.Type, str]] = ..., schedule_layers: _Optional[_Iterable[_Union[ScheduleLayer, _Mapping]]] = ..., shifts: _Optional[_Iterable[_Union[Shift, _Mapping]]] = ..., show_gaps: bool = ..., default_shift_duration: _Optional[str] = ..., current_shift: _Optional[_Union[Shift, _Mapping]] = ..., next_shift: _Optional[_Union[Shift, _Mapping]] = ..., teams: _Optional[_Iterable[_Union[_team_pb2.Team, _Mapping]]] = ..., current_shifts: _Optional[_Iterable[_Union[Shift, _Mapping]]] = ..., next_shifts: _Optional[_Iterable[_Union[Shift, _Mapping]]] = ...) -> None: ...

class ScheduleLayer(_message.Message):
    __slots__ = ("name", "starts_on", "ends_on", "users", "rotation", "restriction_type", "restrictions", "rotations", "users_per_shift")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STARTS_ON_FIELD_NUMBER: _ClassVar[int]
    ENDS_ON_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    ROTATION_FIELD_NUMBER: _ClassVar[int]
    RESTRICTION_TYPE_FIELD_NUMBER: _ClassVar[int]
    RESTRICTIONS_FIELD_NUMBER: _ClassVar[int]
    ROTATIONS_FIELD_NUMBER: _ClassVar[int]
    USERS_PER_SHIFT_FIELD_NUMBER: _ClassVar[int]
    name: str
    starts_on: str
    ends_on: str
    users: _containers.RepeatedCompositeFieldContainer[_user_pb2.User]
    rotation: str
    restriction_type: str
    restrictions: _containers.RepeatedCompositeFieldContainer[Restriction]
    rotations: _containers.RepeatedScalarFieldContainer[str]
    users_per_shift: int
    def __init__(self, name: _Optional[str] = ..., starts_on: _Optional[str] = ..., ends_on: _Optional[str] = ..., users: _Optional[_Iterable[_Union[_user_pb2.User, _Mapping]]] = ..., rotation: _Optional[str] = ..., restriction_type: _Optional[str] = ..., restrictions: _Optional[_Iterable[_Union[Restriction, _Mapping]]] = ..., rotations: _Optional[_Iterable[str]] = ..., users_per_shift: _Optional[int] = ...) -> None: ...

class Restriction(_message.Message):
    __slots__ = ("to",)
    class Moment(_message.Message):
        __slots__ = ("day_of_week", "time")
        DAY_OF_WEEK_FIELD_NUMBER: _ClassVar[int]
        TIME_FIELD_NUMBER: _ClassVar[int]
        day_of_week: str
        time: str
        def __init__(self, day_of_week: _Optional[str] = ..., time: _Optional[str] = ...) -> None: ...
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    to: Restriction.Moment
    def __init__(self, to: _Optional[_Union[Restriction.Moment, _Mapping]] = ..., **kwargs) -> None: ...

class Shift(_message.Message):
    __slots__ = ("user", "start", "end", "starts_on", "ends_on", "id")
    USER_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    STARTS_ON_FIELD_NUMBER: _ClassVar[int]
    ENDS_ON_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    user: _user_pb2.User
    start: _timestamp_pb2.Timestamp
    end: _timestamp_pb2.Timestamp
    starts_on: str
    ends_on: str
    id: int
    def __init__(self, user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., start: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., starts_on: _Optional[str] = ..., ends_on: _Optional[str] = ..., id: _Optional[int] = ...) -> None: ...

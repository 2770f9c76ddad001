from tocsin.escalation.v1 import team_pb2 as _team_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SupportHours(_message.Message):
    __slots__ = ("id", "name", "timezone", "support_days", "exceptions", "teams")
    class Day(_message.Message):
        __slots__ = ("start", "end")
        START_FIELD_NUMBER: _ClassVar[int]
        END_FIELD_NUMBER: _ClassVar[int]
        start: str
        end: str
        def __init__(self, start: _Optional[str] = ..., end: _Optional[str] = ...) -> None: ...
    class Exception(_message.Message):
        __slots__ = ("name", "start", "end", "support_status")
        class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            __slots__ = ()
            STATUS_UNSPECIFIED: _ClassVar[SupportHours.Exception.Status]
            DURING: _ClassVar[SupportHours.Exception.Status]
            OUTSIDE: _ClassVar[SupportHours.Exception.Status]
        STATUS_UNSPECIFIED: SupportHours.Exception.Status
        DURING: SupportHours.Exception.Status
        OUTSIDE: SupportHours.Exception.Status
        NAME_FIELD_NUMBER: _ClassVar[int]
        START_FIELD_NUMBER: _ClassVar[int]
        END_FIELD_NUMBER: _ClassVar[int]
        SUPPORT_STATUS_FIELD_NUMBER: _ClassVar[int]
        name: str
        start: str
        end: str
        support_status: SupportHours.Exception.Status
        def __init__(self, name: _Optional[str] = ..., start: _Optional[str] = ..., end: _Optional[str] = ..., support_status: _Optional[_Union[SupportHours.Exception.Status, str]] = ...) -> None: ...
    class SupportDaysEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: SupportHours.Day
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[SupportHours.Day, _Mapping]] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TIMEZONE_FIELD_NUMBER: _ClassVar[int]
    SUPPORT_DAYS_FIELD_NUMBER: _ClassVar[int]
    EXCEPTIONS_FIELD_NUMBER: _ClassVar[int]
    TEAMS_FIELD_NUMBER: _ClassVar[int]
    id: int
    name: str
    timezone: str
    support_days: _containers.MessageMap[str, SupportHours.Day]
    exceptions: _containers.RepeatedCompositeFieldContainer[SupportHours.Exception]
    teams: _containers.RepeatedCompositeFieldContainer[_team_pb2.Team]
    def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ..., timezone: _Optional[str] = ..., support_days: _Optional[_Mapping[str, SupportHours.Day]] = ..., exceptions: _Optional[_Iterable[_Union[SupportHours.Exception, _Mapping]]] = ..., teams: _Optional[_Iterable[_Union[_team_pb2.Team, _Mapping]]] = ...) -> None: ...

import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import policy_pb2 as _policy_pb2
from tocsin.escalation.v1 import schedule_pb2 as _schedule_pb2
from tocsin.escalation.v1 import user_pb2 as _user_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OnCall(_message.Message):
    __slots__ = ("user", "escalation_policy", "schedule", "start", "end", "escalation_level")
    USER_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICY_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_LEVEL_FIELD_NUMBER: _ClassVar[int]
    user: _user_pb2.User
    escalation_policy: _policy_pb2.EscalationPolicy
    schedule: _schedule_pb2.Schedule
    start: _timestamp_pb2.Timestamp
    end: _timestamp_pb2.Timestamp
    escalation_level: int
    def __init__(self, user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., escalation_policy: _Optional[_Union[_policy_pb2.EscalationPolicy, _Mapping]] = ..., schedule: _Optional[_Union[_schedule_pb2.Schedule, _Mapping]] = ..., start: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., escalation_level: _Optional[int] = ...) -> None: ...

class ListOnCallsRequest(_message.Message):
    __slots__ = ("policies", "schedules", "users")
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    SCHEDULES_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    policies: _containers.RepeatedScalarFieldContainer[int]
    schedules: _containers.RepeatedScalarFieldContainer[int]
    users: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, policies: _Optional[_Iterable[int]] = ..., schedules: _Optional[_Iterable[int]] = ..., users: _Optional[_Iterable[int]] = ...) -> None: ...

class ListOnCallsResponse(_message.Message):
    __slots__ = ("on_calls",)
    ON_CALLS_FIELD_NUMBER: _ClassVar[int]
    on_calls: _containers.RepeatedCompositeFieldContainer[OnCall]
    def __init__(self, on_calls: _Optional[_Iterable[_Union[OnCall, _Mapping]]] = ...) -> None: ...

class GetOnCallRequest(_message.Message):
    __slots__ = ("at", "schedule", "policy", "user")
    AT_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    at: _timestamp_pb2.Timestamp
    schedule: int
    policy: int
    user: int
    def __init__(self, at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., schedule: _Optional[int] = ..., policy: _Optional[int] = ..., user: _Optional[int] = ...) -> None: ...

class GetOnCallResponse(_message.Message):
    __slots__ = ("at", "on_calls")
    AT_FIELD_NUMBER: _ClassVar[int]
    ON_CALLS_FIELD_NUMBER: _ClassVar[int]
    at: _timestamp_pb2.Timestamp
    on_calls: _containers.RepeatedCompositeFieldContainer[OnCall]
    def __init__(self, at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., on_calls: _Optional[_Iterable[_Union[OnCall, _Mapping]]] = ...) -> None: ...

class ListShiftsOfSchedulesRequest(_message.Message):
    __slots__ = ("schedules", "until", "page_token")
    SCHEDULES_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    schedules: _containers.RepeatedScalarFieldContainer[int]
    until: _timestamp_pb2.Timestamp
    page_token: str
    def __init__(self, schedules: _Optional[_Iterable[int]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_token: _Optional[str] = ..., **kwargs) -> None: ...

class ListShiftsOfSchedulesResponse(_message.Message):
    __slots__ = ("schedules", "users", "next_page_token")
    class ScheduleShifts(_message.Message):
        __slots__ = ("schedule_id", "name", "shifts")
        class UserShift(_message.Message):
            __slots__ = ("user_id", "start", "end")
            USER_ID_FIELD_NUMBER: _ClassVar[int]
            START_FIELD_NUMBER: _ClassVar[int]
            END_FIELD_NUMBER: _ClassVar[int]
            user_id: int
            start: _timestamp_pb2.Timestamp
            end: _timestamp_pb2.Timestamp
            def __init__(self, user_id: _Optional[int] = ..., start: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
        SCHEDULE_ID_FIELD_NUMBER: _ClassVar[int]
        NAME_FIELD_NUMBER: _ClassVar[int]
        SHIFTS_FIELD_NUMBER: _ClassVar[int]
        schedule_id: int
        name: str
        shifts: _containers.RepeatedCompositeFieldContainer[ListShiftsOfSchedulesResponse.ScheduleShifts.UserShift]
        def __init__(self, schedule_id: _Optional[int] = ..., name: _Optional[str] = ..., shifts: _Optional[_Iterable[_Union[ListShiftsOfSchedulesResponse.ScheduleShifts.UserShift, _Mapping]]] = ...) -> None: ...
    SCHEDULES_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    schedules: _containers.RepeatedCompositeFieldContainer[ListShiftsOfSchedulesResponse.ScheduleShifts]
    users: _containers.RepeatedCompositeFieldContainer[_user_pb2.User]
    next_page_token: str
    def __init__(self, schedules: _Optional[_Iterable[_Union[ListShiftsOfSchedulesResponse.ScheduleShifts, _Mapping]]] = ..., users: _Optional[_Iterable[_Union[_user_pb2.User, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

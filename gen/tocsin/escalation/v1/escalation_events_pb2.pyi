import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import actor_pb2 as _actor_pb2
from tocsin.escalation.v1 import escalation_pb2 as _escalation_pb2
from tocsin.escalation.v1 import policy_pb2 as _policy_pb2
from tocsin.escalation.v1 import schedule_pb2 as _schedule_pb2
from tocsin.escalation.v1 import support_hours_pb2 as _support_hours_pb2
from tocsin.escalation.v1 import team_pb2 as _team_pb2
from tocsin.escalation.v1 import token_pb2 as _token_pb2
from tocsin.escalation.v1 import user_pb2 as _user_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PageRequested(_message.Message):
    __slots__ = ("escalation_key", "subject", "cycle", "level", "level_count", "user_ids", "request_time", "next_step_time", "accept_time", "webhook_ids", "escalation_id")
    ESCALATION_KEY_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    CYCLE_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    LEVEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    USER_IDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_TIME_FIELD_NUMBER: _ClassVar[int]
    NEXT_STEP_TIME_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_TIME_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_IDS_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_ID_FIELD_NUMBER: _ClassVar[int]
    escalation_key: str
    subject: _escalation_pb2.Subject
    cycle: int
    level: int
    level_count: int
    user_ids: _containers.RepeatedScalarFieldContainer[int]
    request_time: _timestamp_pb2.Timestamp
    next_step_time: _timestamp_pb2.Timestamp
    accept_time: _timestamp_pb2.Timestamp
    webhook_ids: _containers.RepeatedScalarFieldContainer[int]
    escalation_id: int
    def __init__(self, escalation_key: _Optional[str] = ..., subject: _Optional[_Union[_escalation_pb2.Subject, _Mapping]] = ..., cycle: _Optional[int] = ..., level: _Optional[int] = ..., level_count: _Optional[int] = ..., user_ids: _Optional[_Iterable[int]] = ..., request_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., next_step_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., accept_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., webhook_ids: _Optional[_Iterable[int]] = ..., escalation_id: _Optional[int] = ...) -> None: ...

class EscalationChanged(_message.Message):
    __slots__ = ("escalation", "cause", "actor", "reached_nobody", "called_user_ids", "call_number", "reasons", "turn", "state_before", "subject_end_time", "subject_over")
    class Cause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CAUSE_UNSPECIFIED: _ClassVar[EscalationChanged.Cause]
        BEGUN: _ClassVar[EscalationChanged.Cause]
        STEPPED: _ClassVar[EscalationChanged.Cause]
        LEVEL_SKIPPED: _ClassVar[EscalationChanged.Cause]
        ENDED: _ClassVar[EscalationChanged.Cause]
        CALLED: _ClassVar[EscalationChanged.Cause]
        FALLEN_BACK: _ClassVar[EscalationChanged.Cause]
    CAUSE_UNSPECIFIED: EscalationChanged.Cause
    BEGUN: EscalationChanged.Cause
    STEPPED: EscalationChanged.Cause
    LEVEL_SKIPPED: EscalationChanged.Cause
    ENDED: EscalationChanged.Cause
    CALLED: EscalationChanged.Cause
    FALLEN_BACK: EscalationChanged.Cause
    class Reason(_message.Message):
        __slots__ = ("kind", "user_id", "schedule_id", "team_id")
        class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            __slots__ = ()
            KIND_UNSPECIFIED: _ClassVar[EscalationChanged.Reason.Kind]
            NAMED: _ClassVar[EscalationChanged.Reason.Kind]
            ON_CALL: _ClassVar[EscalationChanged.Reason.Kind]
            MEMBER: _ClassVar[EscalationChanged.Reason.Kind]
            ADMIN: _ClassVar[EscalationChanged.Reason.Kind]
            NOBODY_ON_CALL: _ClassVar[EscalationChanged.Reason.Kind]
            TEAM_EMPTY: _ClassVar[EscalationChanged.Reason.Kind]
            USER_GONE: _ClassVar[EscalationChanged.Reason.Kind]
            SCHEDULE_GONE: _ClassVar[EscalationChanged.Reason.Kind]
            NO_ADMIN: _ClassVar[EscalationChanged.Reason.Kind]
            MUTED: _ClassVar[EscalationChanged.Reason.Kind]
        KIND_UNSPECIFIED: EscalationChanged.Reason.Kind
        NAMED: EscalationChanged.Reason.Kind
        ON_CALL: EscalationChanged.Reason.Kind
        MEMBER: EscalationChanged.Reason.Kind
        ADMIN: EscalationChanged.Reason.Kind
        NOBODY_ON_CALL: EscalationChanged.Reason.Kind
        TEAM_EMPTY: EscalationChanged.Reason.Kind
        USER_GONE: EscalationChanged.Reason.Kind
        SCHEDULE_GONE: EscalationChanged.Reason.Kind
        NO_ADMIN: EscalationChanged.Reason.Kind
        MUTED: EscalationChanged.Reason.Kind
        KIND_FIELD_NUMBER: _ClassVar[int]
        USER_ID_FIELD_NUMBER: _ClassVar[int]
        SCHEDULE_ID_FIELD_NUMBER: _ClassVar[int]
        TEAM_ID_FIELD_NUMBER: _ClassVar[int]
        kind: EscalationChanged.Reason.Kind
        user_id: int
        schedule_id: int
        team_id: int
        def __init__(self, kind: _Optional[_Union[EscalationChanged.Reason.Kind, str]] = ..., user_id: _Optional[int] = ..., schedule_id: _Optional[int] = ..., team_id: _Optional[int] = ...) -> None: ...
    class Turn(_message.Message):
        __slots__ = ("user_id", "place", "count", "passed_user_ids")
        USER_ID_FIELD_NUMBER: _ClassVar[int]
        PLACE_FIELD_NUMBER: _ClassVar[int]
        COUNT_FIELD_NUMBER: _ClassVar[int]
        PASSED_USER_IDS_FIELD_NUMBER: _ClassVar[int]
        user_id: int
        place: int
        count: int
        passed_user_ids: _containers.RepeatedScalarFieldContainer[int]
        def __init__(self, user_id: _Optional[int] = ..., place: _Optional[int] = ..., count: _Optional[int] = ..., passed_user_ids: _Optional[_Iterable[int]] = ...) -> None: ...
    ESCALATION_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    REACHED_NOBODY_FIELD_NUMBER: _ClassVar[int]
    CALLED_USER_IDS_FIELD_NUMBER: _ClassVar[int]
    CALL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    TURN_FIELD_NUMBER: _ClassVar[int]
    STATE_BEFORE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_END_TIME_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_OVER_FIELD_NUMBER: _ClassVar[int]
    escalation: _escalation_pb2.Escalation
    cause: EscalationChanged.Cause
    actor: _actor_pb2.Actor
    reached_nobody: bool
    called_user_ids: _containers.RepeatedScalarFieldContainer[int]
    call_number: int
    reasons: _containers.RepeatedCompositeFieldContainer[EscalationChanged.Reason]
    turn: EscalationChanged.Turn
    state_before: _escalation_pb2.Escalation.State
    subject_end_time: _timestamp_pb2.Timestamp
    subject_over: bool
    def __init__(self, escalation: _Optional[_Union[_escalation_pb2.Escalation, _Mapping]] = ..., cause: _Optional[_Union[EscalationChanged.Cause, str]] = ..., actor: _Optional[_Union[_actor_pb2.Actor, _Mapping]] = ..., reached_nobody: bool = ..., called_user_ids: _Optional[_Iterable[int]] = ..., call_number: _Optional[int] = ..., reasons: _Optional[_Iterable[_Union[EscalationChanged.Reason, _Mapping]]] = ..., turn: _Optional[_Union[EscalationChanged.Turn, _Mapping]] = ..., state_before: _Optional[_Union[_escalation_pb2.Escalation.State, str]] = ..., subject_end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., subject_over: bool = ...) -> None: ...

class UserChanged(_message.Message):
    __slots__ = ("user", "version", "deleted")
    USER_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    user: _user_pb2.User
    version: int
    deleted: bool
    def __init__(self, user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., version: _Optional[int] = ..., deleted: bool = ...) -> None: ...

class EscalationPolicyChanged(_message.Message):
    __slots__ = ("escalation_policy", "version", "deleted")
    ESCALATION_POLICY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    escalation_policy: _policy_pb2.EscalationPolicy
    version: int
    deleted: bool
    def __init__(self, escalation_policy: _Optional[_Union[_policy_pb2.EscalationPolicy, _Mapping]] = ..., version: _Optional[int] = ..., deleted: bool = ...) -> None: ...

class TokenChanged(_message.Message):
    __slots__ = ("record", "version", "deleted")
    RECORD_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    record: _token_pb2.TokenRecord
    version: int
    deleted: bool
    def __init__(self, record: _Optional[_Union[_token_pb2.TokenRecord, _Mapping]] = ..., version: _Optional[int] = ..., deleted: bool = ...) -> None: ...

class TeamChanged(_message.Message):
    __slots__ = ("team", "version", "deleted")
    TEAM_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    team: _team_pb2.Team
    version: int
    deleted: bool
    def __init__(self, team: _Optional[_Union[_team_pb2.Team, _Mapping]] = ..., version: _Optional[int] = ..., deleted: bool = ...) -> None: ...

class ScheduleChanged(_message.Message):
    __slots__ = ("schedule", "version", "deleted")
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    schedule: _schedule_pb2.Schedule
    version: int
    deleted: bool
    def __init__(self, schedule: _Optional[_Union[_schedule_pb2.Schedule, _Mapping]] = ..., version: _Optional[int] = ..., deleted: bool = ...) -> None: ...

class SupportHoursChanged(_message.Message):
    __slots__ = ("support_hours", "version", "deleted")
    SUPPORT_HOURS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    support_hours: _support_hours_pb2.SupportHours
    version: int
    deleted: bool
    def __init__(self, support_hours: _Optional[_Union[_support_hours_pb2.SupportHours, _Mapping]] = ..., version: _Optional[int] = ..., deleted: bool = ...) -> None: ...

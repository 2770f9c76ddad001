import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.configuration.v1 import configuration_pb2 as _configuration_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import escalation_pb2 as _escalation_pb2
from tocsin.escalation.v1 import policy_pb2 as _policy_pb2
from tocsin.escalation.v1 import schedule_pb2 as _schedule_pb2
from tocsin.escalation.v1 import user_pb2 as _user_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Presence(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRESENCE_UNSPECIFIED: _ClassVar[Presence]
    BOTH: _ClassVar[Presence]
    BEFORE: _ClassVar[Presence]
    AFTER: _ClassVar[Presence]
PRESENCE_UNSPECIFIED: Presence
BOTH: Presence
BEFORE: Presence
AFTER: Presence

class CompareConfigurationsRequest(_message.Message):
    __slots__ = ("before", "after", "until", "prune")
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    PRUNE_FIELD_NUMBER: _ClassVar[int]
    before: _configuration_pb2.Configuration
    after: _configuration_pb2.Configuration
    until: _timestamp_pb2.Timestamp
    prune: bool
    def __init__(self, before: _Optional[_Union[_configuration_pb2.Configuration, _Mapping]] = ..., after: _Optional[_Union[_configuration_pb2.Configuration, _Mapping]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., prune: bool = ..., **kwargs) -> None: ...

class CompareConfigurationsResponse(_message.Message):
    __slots__ = ("start", "end", "schedules", "escalation_policies")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    SCHEDULES_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICIES_FIELD_NUMBER: _ClassVar[int]
    start: _timestamp_pb2.Timestamp
    end: _timestamp_pb2.Timestamp
    schedules: _containers.RepeatedCompositeFieldContainer[ScheduleDifference]
    escalation_policies: _containers.RepeatedCompositeFieldContainer[PolicyDifference]
    def __init__(self, start: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., schedules: _Optional[_Iterable[_Union[ScheduleDifference, _Mapping]]] = ..., escalation_policies: _Optional[_Iterable[_Union[PolicyDifference, _Mapping]]] = ...) -> None: ...

class ScheduleDifference(_message.Message):
    __slots__ = ("schedule", "presence", "differences", "differences_count")
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_COUNT_FIELD_NUMBER: _ClassVar[int]
    schedule: _schedule_pb2.Schedule
    presence: Presence
    differences: _containers.RepeatedCompositeFieldContainer[OnCallDifference]
    differences_count: int
    def __init__(self, schedule: _Optional[_Union[_schedule_pb2.Schedule, _Mapping]] = ..., presence: _Optional[_Union[Presence, str]] = ..., differences: _Optional[_Iterable[_Union[OnCallDifference, _Mapping]]] = ..., differences_count: _Optional[int] = ...) -> None: ...

class OnCallDifference(_message.Message):
    __slots__ = ("start", "end", "before", "after")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    start: _timestamp_pb2.Timestamp
    end: _timestamp_pb2.Timestamp
    before: _containers.RepeatedCompositeFieldContainer[_user_pb2.User]
    after: _containers.RepeatedCompositeFieldContainer[_user_pb2.User]
    def __init__(self, start: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., before: _Optional[_Iterable[_Union[_user_pb2.User, _Mapping]]] = ..., after: _Optional[_Iterable[_Union[_user_pb2.User, _Mapping]]] = ...) -> None: ...

class PolicyDifference(_message.Message):
    __slots__ = ("escalation_policy", "presence", "priority", "differences", "differences_count")
    ESCALATION_POLICY_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_COUNT_FIELD_NUMBER: _ClassVar[int]
    escalation_policy: _policy_pb2.EscalationPolicy
    presence: Presence
    priority: _escalation_pb2.Subject.Priority
    differences: _containers.RepeatedCompositeFieldContainer[PagingDifference]
    differences_count: int
    def __init__(self, escalation_policy: _Optional[_Union[_policy_pb2.EscalationPolicy, _Mapping]] = ..., presence: _Optional[_Union[Presence, str]] = ..., priority: _Optional[_Union[_escalation_pb2.Subject.Priority, str]] = ..., differences: _Optional[_Iterable[_Union[PagingDifference, _Mapping]]] = ..., differences_count: _Optional[int] = ...) -> None: ...

class PagingDifference(_message.Message):
    __slots__ = ("start", "end", "levels")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    LEVELS_FIELD_NUMBER: _ClassVar[int]
    start: _timestamp_pb2.Timestamp
    end: _timestamp_pb2.Timestamp
    levels: _containers.RepeatedCompositeFieldContainer[LevelDifference]
    def __init__(self, start: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., levels: _Optional[_Iterable[_Union[LevelDifference, _Mapping]]] = ...) -> None: ...

class LevelDifference(_message.Message):
    __slots__ = ("cycle", "level", "before", "after")
    CYCLE_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    cycle: int
    level: int
    before: PagedLevel
    after: PagedLevel
    def __init__(self, cycle: _Optional[int] = ..., level: _Optional[int] = ..., before: _Optional[_Union[PagedLevel, _Mapping]] = ..., after: _Optional[_Union[PagedLevel, _Mapping]] = ...) -> None: ...

class PagedLevel(_message.Message):
    __slots__ = ("offset_seconds", "users", "in_turn", "webhooks")
    OFFSET_SECONDS_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    IN_TURN_FIELD_NUMBER: _ClassVar[int]
    WEBHOOKS_FIELD_NUMBER: _ClassVar[int]
    offset_seconds: int
    users: _containers.RepeatedCompositeFieldContainer[_user_pb2.User]
    in_turn: bool
    webhooks: _containers.RepeatedCompositeFieldContainer[_policy_pb2.WebhookReference]
    def __init__(self, offset_seconds: _Optional[int] = ..., users: _Optional[_Iterable[_Union[_user_pb2.User, _Mapping]]] = ..., in_turn: bool = ..., webhooks: _Optional[_Iterable[_Union[_policy_pb2.WebhookReference, _Mapping]]] = ...) -> None: ...

from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import schedule_pb2 as _schedule_pb2
from tocsin.escalation.v1 import team_pb2 as _team_pb2
from tocsin.escalation.v1 import user_pb2 as _user_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EscalationPolicy(_message.Message):
    __slots__ = ("id", "name", "escalation_rules", "repeating", "frequency", "delay_min", "routing_key", "teams", "fallback", "accept_expiry_min", "version")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_RULES_FIELD_NUMBER: _ClassVar[int]
    REPEATING_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    DELAY_MIN_FIELD_NUMBER: _ClassVar[int]
    ROUTING_KEY_FIELD_NUMBER: _ClassVar[int]
    TEAMS_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_EXPIRY_MIN_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    id: int
    name: str
    escalation_rules: _containers.RepeatedCompositeFieldContainer[EscalationRule]
    repeating: bool
    frequency: int
    delay_min: int
    routing_key: str
    teams: _containers.RepeatedCompositeFieldContainer[_team_pb2.Team]
    fallback: PolicyReference
    accept_expiry_min: int
    version: int
    def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ..., escalation_rules: _Optional[_Iterable[_Union[EscalationRule, _Mapping]]] = ..., repeating: bool = ..., frequency: _Optional[int] = ..., delay_min: _Optional[int] = ..., routing_key: _Optional[str] = ..., teams: _Optional[_Iterable[_Union[_team_pb2.Team, _Mapping]]] = ..., fallback: _Optional[_Union[PolicyReference, _Mapping]] = ..., accept_expiry_min: _Optional[int] = ..., version: _Optional[int] = ...) -> None: ...

class PolicyReference(_message.Message):
    __slots__ = ("id", "name")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    id: int
    name: str
    def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ...) -> None: ...

class WebhookReference(_message.Message):
    __slots__ = ("id", "name", "team_ids")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TEAM_IDS_FIELD_NUMBER: _ClassVar[int]
    id: int
    name: str
    team_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ..., team_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class EscalationRule(_message.Message):
    __slots__ = ("escalation_timeout", "escalation_timeout_seconds", "users", "schedules", "teams", "user", "schedule", "webhooks", "distribution")
    class Distribution(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        DISTRIBUTION_UNSPECIFIED: _ClassVar[EscalationRule.Distribution]
        ALL: _ClassVar[EscalationRule.Distribution]
        ROUND_ROBIN: _ClassVar[EscalationRule.Distribution]
    DISTRIBUTION_UNSPECIFIED: EscalationRule.Distribution
    ALL: EscalationRule.Distribution
    ROUND_ROBIN: EscalationRule.Distribution
    ESCALATION_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_TIMEOUT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    SCHEDULES_FIELD_NUMBER: _ClassVar[int]
    TEAMS_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    WEBHOOKS_FIELD_NUMBER: _ClassVar[int]
    DISTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    escalation_timeout: int
    escalation_timeout_seconds: int
    users: _containers.RepeatedCompositeFieldContainer[_user_pb2.User]
    schedules: _containers.RepeatedCompositeFieldContainer[_schedule_pb2.Schedule]
    teams: _containers.RepeatedCompositeFieldContainer[_team_pb2.Team]
    user: _user_pb2.User
    schedule: _schedule_pb2.Schedule
    webhooks: _containers.RepeatedCompositeFieldContainer[WebhookReference]
    distribution: EscalationRule.Distribution
    def __init__(self, escalation_timeout: _Optional[int] = ..., escalation_timeout_seconds: _Optional[int] = ..., users: _Optional[_Iterable[_Union[_user_pb2.User, _Mapping]]] = ..., schedules: _Optional[_Iterable[_Union[_schedule_pb2.Schedule, _Mapping]]] = ..., teams: _Optional[_Iterable[_Union[_team_pb2.Team, _Mapping]]] = ..., user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., schedule: _Optional[_Union[_schedule_pb2.Schedule, _Mapping]] = ..., webhooks: _Optional[_Iterable[_Union[WebhookReference, _Mapping]]] = ..., distribution: _Optional[_Union[EscalationRule.Distribution, str]] = ...) -> None: ...

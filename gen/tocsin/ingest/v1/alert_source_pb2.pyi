import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.escalation.v1 import policy_pb2 as _policy_pb2
from tocsin.escalation.v1 import support_hours_pb2 as _support_hours_pb2
from tocsin.escalation.v1 import team_pb2 as _team_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AlertSource(_message.Message):
    __slots__ = ("id", "name", "integration_type", "integration_key", "integration_url", "escalation_policy", "active", "alert_priority_rule", "teams", "alert_creation", "auto_resolution_timeout", "status", "icon_url", "support_hours", "bidirectional", "deduplication_key_required", "events_per_minute", "limit_reached")
    class PriorityRule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PRIORITY_RULE_UNSPECIFIED: _ClassVar[AlertSource.PriorityRule]
        HIGH: _ClassVar[AlertSource.PriorityRule]
        LOW: _ClassVar[AlertSource.PriorityRule]
    PRIORITY_RULE_UNSPECIFIED: AlertSource.PriorityRule
    HIGH: AlertSource.PriorityRule
    LOW: AlertSource.PriorityRule
    class Creation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CREATION_UNSPECIFIED: _ClassVar[AlertSource.Creation]
        ONE_ALERT_PER_EMAIL: _ClassVar[AlertSource.Creation]
        ONE_ALERT_PER_EMAIL_SUBJECT: _ClassVar[AlertSource.Creation]
        ONE_PENDING_ALERT_ALLOWED: _ClassVar[AlertSource.Creation]
        ONE_OPEN_ALERT_ALLOWED: _ClassVar[AlertSource.Creation]
    CREATION_UNSPECIFIED: AlertSource.Creation
    ONE_ALERT_PER_EMAIL: AlertSource.Creation
    ONE_ALERT_PER_EMAIL_SUBJECT: AlertSource.Creation
    ONE_PENDING_ALERT_ALLOWED: AlertSource.Creation
    ONE_OPEN_ALERT_ALLOWED: AlertSource.Creation
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[AlertSource.Status]
        PENDING: _ClassVar[AlertSource.Status]
        ALL_ACCEPTED: _ClassVar[AlertSource.Status]
        ALL_RESOLVED: _ClassVar[AlertSource.Status]
        IN_MAINTENANCE: _ClassVar[AlertSource.Status]
        DISABLED: _ClassVar[AlertSource.Status]
    STATUS_UNSPECIFIED: AlertSource.Status
    PENDING: AlertSource.Status
    ALL_ACCEPTED: AlertSource.Status
    ALL_RESOLVED: AlertSource.Status
    IN_MAINTENANCE: AlertSource.Status
    DISABLED: AlertSource.Status
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    INTEGRATION_TYPE_FIELD_NUMBER: _ClassVar[int]
    INTEGRATION_KEY_FIELD_NUMBER: _ClassVar[int]
    INTEGRATION_URL_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICY_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    ALERT_PRIORITY_RULE_FIELD_NUMBER: _ClassVar[int]
    TEAMS_FIELD_NUMBER: _ClassVar[int]
    ALERT_CREATION_FIELD_NUMBER: _ClassVar[int]
    AUTO_RESOLUTION_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ICON_URL_FIELD_NUMBER: _ClassVar[int]
    SUPPORT_HOURS_FIELD_NUMBER: _ClassVar[int]
    BIDIRECTIONAL_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATION_KEY_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    EVENTS_PER_MINUTE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_REACHED_FIELD_NUMBER: _ClassVar[int]
    id: int
    name: str
    integration_type: str
    integration_key: str
    integration_url: str
    escalation_policy: _policy_pb2.EscalationPolicy
    active: bool
    alert_priority_rule: AlertSource.PriorityRule
    teams: _containers.RepeatedCompositeFieldContainer[_team_pb2.Team]
    alert_creation: AlertSource.Creation
    auto_resolution_timeout: str
    status: AlertSource.Status
    icon_url: str
    support_hours: _support_hours_pb2.SupportHours
    bidirectional: bool
    deduplication_key_required: bool
    events_per_minute: int
    limit_reached: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ..., integration_type: _Optional[str] = ..., integration_key: _Optional[str] = ..., integration_url: _Optional[str] = ..., escalation_policy: _Optional[_Union[_policy_pb2.EscalationPolicy, _Mapping]] = ..., active: bool = ..., alert_priority_rule: _Optional[_Union[AlertSource.PriorityRule, str]] = ..., teams: _Optional[_Iterable[_Union[_team_pb2.Team, _Mapping]]] = ..., alert_creation: _Optional[_Union[AlertSource.Creation, str]] = ..., auto_resolution_timeout: _Optional[str] = ..., status: _Optional[_Union[AlertSource.Status, str]] = ..., icon_url: _Optional[str] = ..., support_hours: _Optional[_Union[_support_hours_pb2.SupportHours, _Mapping]] = ..., bidirectional: bool = ..., deduplication_key_required: bool = ..., events_per_minute: _Optional[int] = ..., limit_reached: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

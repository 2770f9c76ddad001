import datetime

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import content_pb2 as _content_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import policy_pb2 as _policy_pb2
from tocsin.escalation.v1 import user_pb2 as _user_pb2
from tocsin.ingest.v1 import alert_source_pb2 as _alert_source_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Alert(_message.Message):
    __slots__ = ("id", "summary", "details", "report_time", "resolved_on", "status", "alert_source", "escalation_policy", "priority", "alert_key", "next_escalation", "images", "links", "responders", "event_count", "severity", "custom_details", "labels", "escalation_rules", "next_escalation_user", "next_escalation_rule_index", "assigned_to", "snoozed_until", "silent", "escalation_exhausted", "accept_expires")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[Alert.Status]
        PENDING: _ClassVar[Alert.Status]
        ACCEPTED: _ClassVar[Alert.Status]
        RESOLVED: _ClassVar[Alert.Status]
    STATUS_UNSPECIFIED: Alert.Status
    PENDING: Alert.Status
    ACCEPTED: Alert.Status
    RESOLVED: Alert.Status
    class Priority(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PRIORITY_UNSPECIFIED: _ClassVar[Alert.Priority]
        HIGH: _ClassVar[Alert.Priority]
        LOW: _ClassVar[Alert.Priority]
    PRIORITY_UNSPECIFIED: Alert.Priority
    HIGH: Alert.Priority
    LOW: Alert.Priority
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    REPORT_TIME_FIELD_NUMBER: _ClassVar[int]
    RESOLVED_ON_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ALERT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICY_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    ALERT_KEY_FIELD_NUMBER: _ClassVar[int]
    NEXT_ESCALATION_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    RESPONDERS_FIELD_NUMBER: _ClassVar[int]
    EVENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_DETAILS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_RULES_FIELD_NUMBER: _ClassVar[int]
    NEXT_ESCALATION_USER_FIELD_NUMBER: _ClassVar[int]
    NEXT_ESCALATION_RULE_INDEX_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_TO_FIELD_NUMBER: _ClassVar[int]
    SNOOZED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    SILENT_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_EXHAUSTED_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_EXPIRES_FIELD_NUMBER: _ClassVar[int]
    id: int
    summary: str
    details: str
    report_time: _timestamp_pb2.Timestamp
    resolved_on: _timestamp_pb2.Timestamp
    status: Alert.Status
    alert_source: _alert_source_pb2.AlertSource
    escalation_policy: _policy_pb2.EscalationPolicy
    priority: Alert.Priority
    alert_key: str
    next_escalation: _timestamp_pb2.Timestamp
    images: _containers.RepeatedCompositeFieldContainer[_content_pb2.Image]
    links: _containers.RepeatedCompositeFieldContainer[_content_pb2.Link]
    responders: _containers.RepeatedCompositeFieldContainer[Responder]
    event_count: int
    severity: int
    custom_details: _struct_pb2.Struct
    labels: _containers.ScalarMap[str, str]
    escalation_rules: _containers.RepeatedCompositeFieldContainer[_policy_pb2.EscalationRule]
    next_escalation_user: _user_pb2.User
    next_escalation_rule_index: int
    assigned_to: AssignedUser
    snoozed_until: _timestamp_pb2.Timestamp
    silent: bool
    escalation_exhausted: _timestamp_pb2.Timestamp
    accept_expires: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[int] = ..., summary: _Optional[str] = ..., details: _Optional[str] = ..., report_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., resolved_on: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., status: _Optional[_Union[Alert.Status, str]] = ..., alert_source: _Optional[_Union[_alert_source_pb2.AlertSource, _Mapping]] = ..., escalation_policy: _Optional[_Union[_policy_pb2.EscalationPolicy, _Mapping]] = ..., priority: _Optional[_Union[Alert.Priority, str]] = ..., alert_key: _Optional[str] = ..., next_escalation: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., images: _Optional[_Iterable[_Union[_content_pb2.Image, _Mapping]]] = ..., links: _Optional[_Iterable[_Union[_content_pb2.Link, _Mapping]]] = ..., responders: _Optional[_Iterable[_Union[Responder, _Mapping]]] = ..., event_count: _Optional[int] = ..., severity: _Optional[int] = ..., custom_details: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., labels: _Optional[_Mapping[str, str]] = ..., escalation_rules: _Optional[_Iterable[_Union[_policy_pb2.EscalationRule, _Mapping]]] = ..., next_escalation_user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., next_escalation_rule_index: _Optional[int] = ..., assigned_to: _Optional[_Union[AssignedUser, _Mapping]] = ..., snoozed_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., silent: bool = ..., escalation_exhausted: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., accept_expires: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AssignedUser(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class ManualAlert(_message.Message):
    __slots__ = ("summary", "details", "alert_source", "escalation_policy", "priority", "images", "links", "responders", "assigned_to")
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    ALERT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICY_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    RESPONDERS_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_TO_FIELD_NUMBER: _ClassVar[int]
    summary: str
    details: str
    alert_source: _alert_source_pb2.AlertSource
    escalation_policy: _policy_pb2.EscalationPolicy
    priority: Alert.Priority
    images: _containers.RepeatedCompositeFieldContainer[_content_pb2.Image]
    links: _containers.RepeatedCompositeFieldContainer[_content_pb2.Link]
    responders: _containers.RepeatedCompositeFieldContainer[Responder]
    assigned_to: AssignedUser
    def __init__(self, summary: _Optional[str] = ..., details: _Optional[str] = ..., alert_source: _Optional[_Union[_alert_source_pb2.AlertSource, _Mapping]] = ..., escalation_policy: _Optional[_Union[_policy_pb2.EscalationPolicy, _Mapping]] = ..., priority: _Optional[_Union[Alert.Priority, str]] = ..., images: _Optional[_Iterable[_Union[_content_pb2.Image, _Mapping]]] = ..., links: _Optional[_Iterable[_Union[_content_pb2.Link, _Mapping]]] = ..., responders: _Optional[_Iterable[_Union[Responder, _Mapping]]] = ..., assigned_to: _Optional[_Union[AssignedUser, _Mapping]] = ...) -> None: ...

class SuggestedResponder(_message.Message):
    __slots__ = ("group", "id", "name", "disabled")
    class Group(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        GROUP_UNSPECIFIED: _ClassVar[SuggestedResponder.Group]
        SUGGESTED: _ClassVar[SuggestedResponder.Group]
        USER: _ClassVar[SuggestedResponder.Group]
        ESCALATION_POLICY: _ClassVar[SuggestedResponder.Group]
        ON_CALL_SCHEDULE: _ClassVar[SuggestedResponder.Group]
    GROUP_UNSPECIFIED: SuggestedResponder.Group
    SUGGESTED: SuggestedResponder.Group
    USER: SuggestedResponder.Group
    ESCALATION_POLICY: SuggestedResponder.Group
    ON_CALL_SCHEDULE: SuggestedResponder.Group
    GROUP_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISABLED_FIELD_NUMBER: _ClassVar[int]
    group: SuggestedResponder.Group
    id: int
    name: str
    disabled: bool
    def __init__(self, group: _Optional[_Union[SuggestedResponder.Group, str]] = ..., id: _Optional[int] = ..., name: _Optional[str] = ..., disabled: bool = ...) -> None: ...

class Comment(_message.Message):
    __slots__ = ("id", "content", "creator", "user_id", "created")
    ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    CREATOR_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    id: int
    content: str
    creator: str
    user_id: int
    created: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[int] = ..., content: _Optional[str] = ..., creator: _Optional[str] = ..., user_id: _Optional[int] = ..., created: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Responder(_message.Message):
    __slots__ = ("user", "status", "accepted_at")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[Responder.Status]
        PENDING: _ClassVar[Responder.Status]
        ACCEPTED: _ClassVar[Responder.Status]
    STATUS_UNSPECIFIED: Responder.Status
    PENDING: Responder.Status
    ACCEPTED: Responder.Status
    class Person(_message.Message):
        __slots__ = ("id", "first_name", "last_name")
        ID_FIELD_NUMBER: _ClassVar[int]
        FIRST_NAME_FIELD_NUMBER: _ClassVar[int]
        LAST_NAME_FIELD_NUMBER: _ClassVar[int]
        id: int
        first_name: str
        last_name: str
        def __init__(self, id: _Optional[int] = ..., first_name: _Optional[str] = ..., last_name: _Optional[str] = ...) -> None: ...
    USER_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_AT_FIELD_NUMBER: _ClassVar[int]
    user: Responder.Person
    status: Responder.Status
    accepted_at: _timestamp_pb2.Timestamp
    def __init__(self, user: _Optional[_Union[Responder.Person, _Mapping]] = ..., status: _Optional[_Union[Responder.Status, str]] = ..., accepted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class LogEntry(_message.Message):
    __slots__ = ("id", "timestamp", "log_entry_type", "text", "alert_id", "filter_types", "vars")
    class VarsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    LOG_ENTRY_TYPE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ALERT_ID_FIELD_NUMBER: _ClassVar[int]
    FILTER_TYPES_FIELD_NUMBER: _ClassVar[int]
    VARS_FIELD_NUMBER: _ClassVar[int]
    id: int
    timestamp: _timestamp_pb2.Timestamp
    log_entry_type: str
    text: str
    alert_id: int
    filter_types: _containers.RepeatedScalarFieldContainer[str]
    vars: _containers.ScalarMap[str, str]
    def __init__(self, id: _Optional[int] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., log_entry_type: _Optional[str] = ..., text: _Optional[str] = ..., alert_id: _Optional[int] = ..., filter_types: _Optional[_Iterable[str]] = ..., vars: _Optional[_Mapping[str, str]] = ...) -> None: ...

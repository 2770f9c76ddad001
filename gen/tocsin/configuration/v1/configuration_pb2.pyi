from tocsin.escalation.v1 import policy_pb2 as _policy_pb2
from tocsin.escalation.v1 import schedule_pb2 as _schedule_pb2
from tocsin.escalation.v1 import support_hours_pb2 as _support_hours_pb2
from tocsin.escalation.v1 import team_pb2 as _team_pb2
from tocsin.escalation.v1 import user_pb2 as _user_pb2
from tocsin.ingest.v1 import alert_source_pb2 as _alert_source_pb2
from tocsin.notification.v1 import contact_pb2 as _contact_pb2
from tocsin.notification.v1 import preference_pb2 as _preference_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Configuration(_message.Message):
    __slots__ = ("users", "contacts", "teams", "schedules", "support_hours", "escalation_policies", "alert_sources")
    USERS_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    TEAMS_FIELD_NUMBER: _ClassVar[int]
    SCHEDULES_FIELD_NUMBER: _ClassVar[int]
    SUPPORT_HOURS_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICIES_FIELD_NUMBER: _ClassVar[int]
    ALERT_SOURCES_FIELD_NUMBER: _ClassVar[int]
    users: _containers.RepeatedCompositeFieldContainer[_user_pb2.User]
    contacts: _containers.RepeatedCompositeFieldContainer[ConfiguredContacts]
    teams: _containers.RepeatedCompositeFieldContainer[_team_pb2.Team]
    schedules: _containers.RepeatedCompositeFieldContainer[ConfiguredSchedule]
    support_hours: _containers.RepeatedCompositeFieldContainer[_support_hours_pb2.SupportHours]
    escalation_policies: _containers.RepeatedCompositeFieldContainer[_policy_pb2.EscalationPolicy]
    alert_sources: _containers.RepeatedCompositeFieldContainer[_alert_source_pb2.AlertSource]
    def __init__(self, users: _Optional[_Iterable[_Union[_user_pb2.User, _Mapping]]] = ..., contacts: _Optional[_Iterable[_Union[ConfiguredContacts, _Mapping]]] = ..., teams: _Optional[_Iterable[_Union[_team_pb2.Team, _Mapping]]] = ..., schedules: _Optional[_Iterable[_Union[ConfiguredSchedule, _Mapping]]] = ..., support_hours: _Optional[_Iterable[_Union[_support_hours_pb2.SupportHours, _Mapping]]] = ..., escalation_policies: _Optional[_Iterable[_Union[_policy_pb2.EscalationPolicy, _Mapping]]] = ..., alert_sources: _Optional[_Iterable[_Union[_alert_source_pb2.AlertSource, _Mapping]]] = ...) -> None: ...

class ConfiguredContacts(_message.Message):
    __slots__ = ("email", "contacts", "preferences")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    email: str
    contacts: _containers.RepeatedCompositeFieldContainer[_contact_pb2.Contact]
    preferences: _preference_pb2.Preferences
    def __init__(self, email: _Optional[str] = ..., contacts: _Optional[_Iterable[_Union[_contact_pb2.Contact, _Mapping]]] = ..., preferences: _Optional[_Union[_preference_pb2.Preferences, _Mapping]] = ...) -> None: ...

class ConfiguredSchedule(_message.Message):
    __slots__ = ("schedule", "overrides")
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    OVERRIDES_FIELD_NUMBER: _ClassVar[int]
    schedule: _schedule_pb2.Schedule
    overrides: _containers.RepeatedCompositeFieldContainer[_schedule_pb2.Shift]
    def __init__(self, schedule: _Optional[_Union[_schedule_pb2.Schedule, _Mapping]] = ..., overrides: _Optional[_Iterable[_Union[_schedule_pb2.Shift, _Mapping]]] = ...) -> None: ...

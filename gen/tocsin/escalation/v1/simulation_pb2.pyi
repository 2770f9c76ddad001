import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.escalation.v1 import escalation_pb2 as _escalation_pb2
from tocsin.escalation.v1 import policy_pb2 as _policy_pb2
from tocsin.escalation.v1 import schedule_pb2 as _schedule_pb2
from tocsin.escalation.v1 import team_pb2 as _team_pb2
from tocsin.escalation.v1 import user_pb2 as _user_pb2
from tocsin.notification.v1 import contact_pb2 as _contact_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Simulation(_message.Message):
    __slots__ = ("escalation_policy", "priority", "start_time", "steps", "state", "contacts_known", "notes")
    ESCALATION_POLICY_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_KNOWN_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    escalation_policy: _policy_pb2.EscalationPolicy
    priority: _escalation_pb2.Subject.Priority
    start_time: _timestamp_pb2.Timestamp
    steps: _containers.RepeatedCompositeFieldContainer[SimulatedStep]
    state: _escalation_pb2.Escalation.State
    contacts_known: bool
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, escalation_policy: _Optional[_Union[_policy_pb2.EscalationPolicy, _Mapping]] = ..., priority: _Optional[_Union[_escalation_pb2.Subject.Priority, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., steps: _Optional[_Iterable[_Union[SimulatedStep, _Mapping]]] = ..., state: _Optional[_Union[_escalation_pb2.Escalation.State, str]] = ..., contacts_known: bool = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class SimulatedStep(_message.Message):
    __slots__ = ("time", "offset_seconds", "kind", "level", "cycle", "pages", "webhooks", "reasons", "next_time", "turn", "escalation_policy", "round", "accept_expire_time")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[SimulatedStep.Kind]
        BEGUN: _ClassVar[SimulatedStep.Kind]
        PAGED: _ClassVar[SimulatedStep.Kind]
        SKIPPED: _ClassVar[SimulatedStep.Kind]
        ACCEPTED: _ClassVar[SimulatedStep.Kind]
        EXHAUSTED: _ClassVar[SimulatedStep.Kind]
        FALLEN_BACK: _ClassVar[SimulatedStep.Kind]
    KIND_UNSPECIFIED: SimulatedStep.Kind
    BEGUN: SimulatedStep.Kind
    PAGED: SimulatedStep.Kind
    SKIPPED: SimulatedStep.Kind
    ACCEPTED: SimulatedStep.Kind
    EXHAUSTED: SimulatedStep.Kind
    FALLEN_BACK: SimulatedStep.Kind
    TIME_FIELD_NUMBER: _ClassVar[int]
    OFFSET_SECONDS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    CYCLE_FIELD_NUMBER: _ClassVar[int]
    PAGES_FIELD_NUMBER: _ClassVar[int]
    WEBHOOKS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_TIME_FIELD_NUMBER: _ClassVar[int]
    TURN_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICY_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    offset_seconds: int
    kind: SimulatedStep.Kind
    level: int
    cycle: int
    pages: _containers.RepeatedCompositeFieldContainer[SimulatedPage]
    webhooks: _containers.RepeatedCompositeFieldContainer[_policy_pb2.WebhookReference]
    reasons: _containers.RepeatedCompositeFieldContainer[SimulatedReason]
    next_time: _timestamp_pb2.Timestamp
    turn: SimulatedTurn
    escalation_policy: _policy_pb2.EscalationPolicy
    round: int
    accept_expire_time: _timestamp_pb2.Timestamp
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., offset_seconds: _Optional[int] = ..., kind: _Optional[_Union[SimulatedStep.Kind, str]] = ..., level: _Optional[int] = ..., cycle: _Optional[int] = ..., pages: _Optional[_Iterable[_Union[SimulatedPage, _Mapping]]] = ..., webhooks: _Optional[_Iterable[_Union[_policy_pb2.WebhookReference, _Mapping]]] = ..., reasons: _Optional[_Iterable[_Union[SimulatedReason, _Mapping]]] = ..., next_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., turn: _Optional[_Union[SimulatedTurn, _Mapping]] = ..., escalation_policy: _Optional[_Union[_policy_pb2.EscalationPolicy, _Mapping]] = ..., round: _Optional[int] = ..., accept_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SimulatedTurn(_message.Message):
    __slots__ = ("user", "place", "count", "passed")
    USER_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    user: _user_pb2.User
    place: int
    count: int
    passed: _containers.RepeatedCompositeFieldContainer[_user_pb2.User]
    def __init__(self, user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., place: _Optional[int] = ..., count: _Optional[int] = ..., passed: _Optional[_Iterable[_Union[_user_pb2.User, _Mapping]]] = ...) -> None: ...

class SimulatedPage(_message.Message):
    __slots__ = ("user", "reasons", "contacts", "ways")
    USER_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    WAYS_FIELD_NUMBER: _ClassVar[int]
    user: _user_pb2.User
    reasons: _containers.RepeatedCompositeFieldContainer[SimulatedReason]
    contacts: _containers.RepeatedCompositeFieldContainer[_contact_pb2.Contact]
    ways: _containers.RepeatedCompositeFieldContainer[SimulatedWay]
    def __init__(self, user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., reasons: _Optional[_Iterable[_Union[SimulatedReason, _Mapping]]] = ..., contacts: _Optional[_Iterable[_Union[_contact_pb2.Contact, _Mapping]]] = ..., ways: _Optional[_Iterable[_Union[SimulatedWay, _Mapping]]] = ...) -> None: ...

class SimulatedWay(_message.Message):
    __slots__ = ("contact", "method", "delay_seconds", "held")
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    DELAY_SECONDS_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    contact: _contact_pb2.Contact
    method: _contact_pb2.Contact.Method
    delay_seconds: int
    held: str
    def __init__(self, contact: _Optional[_Union[_contact_pb2.Contact, _Mapping]] = ..., method: _Optional[_Union[_contact_pb2.Contact.Method, str]] = ..., delay_seconds: _Optional[int] = ..., held: _Optional[str] = ...) -> None: ...

class SimulatedReason(_message.Message):
    __slots__ = ("kind", "schedule", "start", "end", "team", "user")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[SimulatedReason.Kind]
        NAMED: _ClassVar[SimulatedReason.Kind]
        ON_CALL: _ClassVar[SimulatedReason.Kind]
        MEMBER: _ClassVar[SimulatedReason.Kind]
        ADMIN: _ClassVar[SimulatedReason.Kind]
        NOBODY_ON_CALL: _ClassVar[SimulatedReason.Kind]
        TEAM_EMPTY: _ClassVar[SimulatedReason.Kind]
        USER_GONE: _ClassVar[SimulatedReason.Kind]
        SCHEDULE_GONE: _ClassVar[SimulatedReason.Kind]
        NO_ADMIN: _ClassVar[SimulatedReason.Kind]
        MUTED: _ClassVar[SimulatedReason.Kind]
    KIND_UNSPECIFIED: SimulatedReason.Kind
    NAMED: SimulatedReason.Kind
    ON_CALL: SimulatedReason.Kind
    MEMBER: SimulatedReason.Kind
    ADMIN: SimulatedReason.Kind
    NOBODY_ON_CALL: SimulatedReason.Kind
    TEAM_EMPTY: SimulatedReason.Kind
    USER_GONE: SimulatedReason.Kind
    SCHEDULE_GONE: SimulatedReason.Kind
    NO_ADMIN: SimulatedReason.Kind
    MUTED: SimulatedReason.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    TEAM_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    kind: SimulatedReason.Kind
    schedule: _schedule_pb2.Schedule
    start: _timestamp_pb2.Timestamp
    end: _timestamp_pb2.Timestamp
    team: _team_pb2.Team
    user: _user_pb2.User
    def __init__(self, kind: _Optional[_Union[SimulatedReason.Kind, str]] = ..., schedule: _Optional[_Union[_schedule_pb2.Schedule, _Mapping]] = ..., start: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., team: _Optional[_Union[_team_pb2.Team, _Mapping]] = ..., user: _Optional[_Union[_user_pb2.User, _Mapping]] = ...) -> None: ...

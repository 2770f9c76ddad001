import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import actor_pb2 as _actor_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import escalation_pb2 as _escalation_pb2
from tocsin.escalation.v1 import escalation_events_pb2 as _escalation_events_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WatchEscalationsRequest(_message.Message):
    __slots__ = ("resume_token", "kinds", "states", "policies")
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    resume_token: str
    kinds: _containers.RepeatedScalarFieldContainer[str]
    states: _containers.RepeatedScalarFieldContainer[_escalation_pb2.Escalation.State]
    policies: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, resume_token: _Optional[str] = ..., kinds: _Optional[_Iterable[str]] = ..., states: _Optional[_Iterable[_Union[_escalation_pb2.Escalation.State, str]]] = ..., policies: _Optional[_Iterable[int]] = ...) -> None: ...

class WatchEscalationsResponse(_message.Message):
    __slots__ = ("resume_token", "escalation", "cause", "actor", "reached_nobody", "called_user_ids", "reasons", "turn", "state_before", "subject_end_time", "subject_over")
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    REACHED_NOBODY_FIELD_NUMBER: _ClassVar[int]
    CALLED_USER_IDS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    TURN_FIELD_NUMBER: _ClassVar[int]
    STATE_BEFORE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_END_TIME_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_OVER_FIELD_NUMBER: _ClassVar[int]
    resume_token: str
    escalation: _escalation_pb2.Escalation
    cause: _escalation_events_pb2.EscalationChanged.Cause
    actor: _actor_pb2.Actor
    reached_nobody: bool
    called_user_ids: _containers.RepeatedScalarFieldContainer[int]
    reasons: _containers.RepeatedCompositeFieldContainer[_escalation_events_pb2.EscalationChanged.Reason]
    turn: _escalation_events_pb2.EscalationChanged.Turn
    state_before: _escalation_pb2.Escalation.State
    subject_end_time: _timestamp_pb2.Timestamp
    subject_over: bool
    def __init__(self, resume_token: _Optional[str] = ..., escalation: _Optional[_Union[_escalation_pb2.Escalation, _Mapping]] = ..., cause: _Optional[_Union[_escalation_events_pb2.EscalationChanged.Cause, str]] = ..., actor: _Optional[_Union[_actor_pb2.Actor, _Mapping]] = ..., reached_nobody: bool = ..., called_user_ids: _Optional[_Iterable[int]] = ..., reasons: _Optional[_Iterable[_Union[_escalation_events_pb2.EscalationChanged.Reason, _Mapping]]] = ..., turn: _Optional[_Union[_escalation_events_pb2.EscalationChanged.Turn, _Mapping]] = ..., state_before: _Optional[_Union[_escalation_pb2.Escalation.State, str]] = ..., subject_end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., subject_over: bool = ...) -> None: ...

class StreamEscalationsRequest(_message.Message):
    __slots__ = ("resume_token", "kinds", "states", "policies")
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    resume_token: str
    kinds: _containers.RepeatedScalarFieldContainer[str]
    states: _containers.RepeatedScalarFieldContainer[_escalation_pb2.Escalation.State]
    policies: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, resume_token: _Optional[str] = ..., kinds: _Optional[_Iterable[str]] = ..., states: _Optional[_Iterable[_Union[_escalation_pb2.Escalation.State, str]]] = ..., policies: _Optional[_Iterable[int]] = ...) -> None: ...

import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import escalation_pb2 as _escalation_pb2
from tocsin.escalation.v1 import simulation_pb2 as _simulation_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SimulateEscalationRequest(_message.Message):
    __slots__ = ("escalation_policy_id", "escalation_policy", "routing_key", "alert_source_id", "priority", "at", "accept_after_seconds", "accepted_by", "max_results")
    ESCALATION_POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICY_FIELD_NUMBER: _ClassVar[int]
    ROUTING_KEY_FIELD_NUMBER: _ClassVar[int]
    ALERT_SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_AFTER_SECONDS_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_BY_FIELD_NUMBER: _ClassVar[int]
    MAX_RESULTS_FIELD_NUMBER: _ClassVar[int]
    escalation_policy_id: int
    escalation_policy: str
    routing_key: str
    alert_source_id: int
    priority: _escalation_pb2.Subject.Priority
    at: _timestamp_pb2.Timestamp
    accept_after_seconds: int
    accepted_by: int
    max_results: int
    def __init__(self, escalation_policy_id: _Optional[int] = ..., escalation_policy: _Optional[str] = ..., routing_key: _Optional[str] = ..., alert_source_id: _Optional[int] = ..., priority: _Optional[_Union[_escalation_pb2.Subject.Priority, str]] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., accept_after_seconds: _Optional[int] = ..., accepted_by: _Optional[int] = ..., max_results: _Optional[int] = ...) -> None: ...

import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import escalation_pb2 as _escalation_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StartEscalationRequest(_message.Message):
    __slots__ = ("subject", "escalation_policy_id", "routing_key", "escalation_policy_name", "idempotency_key")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    ROUTING_KEY_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICY_NAME_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    subject: _escalation_pb2.Subject
    escalation_policy_id: int
    routing_key: str
    escalation_policy_name: str
    idempotency_key: str
    def __init__(self, subject: _Optional[_Union[_escalation_pb2.Subject, _Mapping]] = ..., escalation_policy_id: _Optional[int] = ..., routing_key: _Optional[str] = ..., escalation_policy_name: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class GetEscalationRequest(_message.Message):
    __slots__ = ("id", "key")
    ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    id: int
    key: str
    def __init__(self, id: _Optional[int] = ..., key: _Optional[str] = ...) -> None: ...

class ListEscalationsRequest(_message.Message):
    __slots__ = ("kind", "subject_id", "start_index", "max_results", "states", "policies", "until")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    START_INDEX_FIELD_NUMBER: _ClassVar[int]
    MAX_RESULTS_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    kind: str
    subject_id: str
    start_index: int
    max_results: int
    states: _containers.RepeatedScalarFieldContainer[_escalation_pb2.Escalation.State]
    policies: _containers.RepeatedScalarFieldContainer[int]
    until: _timestamp_pb2.Timestamp
    def __init__(self, kind: _Optional[str] = ..., subject_id: _Optional[str] = ..., start_index: _Optional[int] = ..., max_results: _Optional[int] = ..., states: _Optional[_Iterable[_Union[_escalation_pb2.Escalation.State, str]]] = ..., policies: _Optional[_Iterable[int]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., **kwargs) -> None: ...

class ListEscalationsResponse(_message.Message):
    __slots__ = ("escalations",)
    ESCALATIONS_FIELD_NUMBER: _ClassVar[int]
    escalations: _containers.RepeatedCompositeFieldContainer[_escalation_pb2.Escalation]
    def __init__(self, escalations: _Optional[_Iterable[_Union[_escalation_pb2.Escalation, _Mapping]]] = ...) -> None: ...

class AcknowledgeEscalationRequest(_message.Message):
    __slots__ = ("id", "user_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    user_id: int
    def __init__(self, id: _Optional[int] = ..., user_id: _Optional[int] = ...) -> None: ...

class StopEscalationRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class CreateTestPageRequest(_message.Message):
    __slots__ = ("id", "test_page")
    ID_FIELD_NUMBER: _ClassVar[int]
    TEST_PAGE_FIELD_NUMBER: _ClassVar[int]
    id: int
    test_page: TestPage
    def __init__(self, id: _Optional[int] = ..., test_page: _Optional[_Union[TestPage, _Mapping]] = ...) -> None: ...

class TestPage(_message.Message):
    __slots__ = ("priority",)
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    priority: _escalation_pb2.Subject.Priority
    def __init__(self, priority: _Optional[_Union[_escalation_pb2.Subject.Priority, str]] = ...) -> None: ...

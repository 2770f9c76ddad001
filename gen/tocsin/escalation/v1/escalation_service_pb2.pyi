from google.api import annotations_pb2 as _annotations_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import escalation_pb2 as _escalation_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StartEscalationRequest(_message.Message):
    __slots__ = ("subject", "escalation_policy_id")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    subject: _escalation_pb2.Subject
    escalation_policy_id: int
    def __init__(self, subject: _Optional[_Union[_escalation_pb2.Subject, _Mapping]] = ..., escalation_policy_id: _Optional[int] = ...) -> None: ...

class GetEscalationRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class ListEscalationsRequest(_message.Message):
    __slots__ = ("kind", "subject_id")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    kind: str
    subject_id: str
    def __init__(self, kind: _Optional[str] = ..., subject_id: _Optional[str] = ...) -> None: ...

class ListEscalationsResponse(_message.Message):
    __slots__ = ("escalations",)
    ESCALATIONS_FIELD_NUMBER: _ClassVar[int]
    escalations: _containers.RepeatedCompositeFieldContainer[_escalation_pb2.Escalation]
    def __init__(self, escalations: _Optional[_Iterable[_Union[_escalation_pb2.Escalation, _Mapping]]] = ...) -> None: ...

class AcknowledgeEscalationRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class StopEscalationRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

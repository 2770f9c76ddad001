from google.api import annotations_pb2 as _annotations_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import policy_pb2 as _policy_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateEscalationPolicyRequest(_message.Message):
    __slots__ = ("escalation_policy",)
    ESCALATION_POLICY_FIELD_NUMBER: _ClassVar[int]
    escalation_policy: _policy_pb2.EscalationPolicy
    def __init__(self, escalation_policy: _Optional[_Union[_policy_pb2.EscalationPolicy, _Mapping]] = ...) -> None: ...

class GetEscalationPolicyRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class GetEscalationPolicyByNameRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ResolveRoutingKeyRequest(_message.Message):
    __slots__ = ("routing_key",)
    ROUTING_KEY_FIELD_NUMBER: _ClassVar[int]
    routing_key: str
    def __init__(self, routing_key: _Optional[str] = ...) -> None: ...

class UpdateEscalationPolicyRequest(_message.Message):
    __slots__ = ("id", "escalation_policy")
    ID_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICY_FIELD_NUMBER: _ClassVar[int]
    id: int
    escalation_policy: _policy_pb2.EscalationPolicy
    def __init__(self, id: _Optional[int] = ..., escalation_policy: _Optional[_Union[_policy_pb2.EscalationPolicy, _Mapping]] = ...) -> None: ...

class UpdateEscalationLevelRequest(_message.Message):
    __slots__ = ("id", "level", "escalation_rule")
    ID_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_RULE_FIELD_NUMBER: _ClassVar[int]
    id: int
    level: int
    escalation_rule: _policy_pb2.EscalationRule
    def __init__(self, id: _Optional[int] = ..., level: _Optional[int] = ..., escalation_rule: _Optional[_Union[_policy_pb2.EscalationRule, _Mapping]] = ...) -> None: ...

class DeleteEscalationPolicyRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class DeleteEscalationPolicyResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListEscalationPoliciesRequest(_message.Message):
    __slots__ = ("start_index", "max_results")
    START_INDEX_FIELD_NUMBER: _ClassVar[int]
    MAX_RESULTS_FIELD_NUMBER: _ClassVar[int]
    start_index: int
    max_results: int
    def __init__(self, start_index: _Optional[int] = ..., max_results: _Optional[int] = ...) -> None: ...

class ListEscalationPoliciesResponse(_message.Message):
    __slots__ = ("escalation_policies",)
    ESCALATION_POLICIES_FIELD_NUMBER: _ClassVar[int]
    escalation_policies: _containers.RepeatedCompositeFieldContainer[_policy_pb2.EscalationPolicy]
    def __init__(self, escalation_policies: _Optional[_Iterable[_Union[_policy_pb2.EscalationPolicy, _Mapping]]] = ...) -> None: ...

import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import actor_pb2 as _actor_pb2
from tocsin.edge.v1 import content_pb2 as _content_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Subject(_message.Message):
    __slots__ = ("kind", "id", "episode", "title", "details", "links", "priority")
    class Priority(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PRIORITY_UNSPECIFIED: _ClassVar[Subject.Priority]
        HIGH: _ClassVar[Subject.Priority]
        LOW: _ClassVar[Subject.Priority]
    PRIORITY_UNSPECIFIED: Subject.Priority
    HIGH: Subject.Priority
    LOW: Subject.Priority
    KIND_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    kind: str
    id: str
    episode: int
    title: str
    details: str
    links: _containers.RepeatedCompositeFieldContainer[_content_pb2.Link]
    priority: Subject.Priority
    def __init__(self, kind: _Optional[str] = ..., id: _Optional[str] = ..., episode: _Optional[int] = ..., title: _Optional[str] = ..., details: _Optional[str] = ..., links: _Optional[_Iterable[_Union[_content_pb2.Link, _Mapping]]] = ..., priority: _Optional[_Union[Subject.Priority, str]] = ...) -> None: ...

class Escalation(_message.Message):
    __slots__ = ("id", "key", "subject", "escalation_policy_id", "state", "level", "cycle", "next_step_time", "paged_user_ids", "start_time", "end_time", "ended_by", "version", "escalation_policy_version", "followed_policy_id", "followed_policy_version", "round", "next_level", "accept_expire_time", "continued_id")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Escalation.State]
        RUNNING: _ClassVar[Escalation.State]
        ACKNOWLEDGED: _ClassVar[Escalation.State]
        STOPPED: _ClassVar[Escalation.State]
        EXHAUSTED: _ClassVar[Escalation.State]
    STATE_UNSPECIFIED: Escalation.State
    RUNNING: Escalation.State
    ACKNOWLEDGED: Escalation.State
    STOPPED: Escalation.State
    EXHAUSTED: Escalation.State
    ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    CYCLE_FIELD_NUMBER: _ClassVar[int]
    NEXT_STEP_TIME_FIELD_NUMBER: _ClassVar[int]
    PAGED_USER_IDS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    ENDED_BY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    FOLLOWED_POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    FOLLOWED_POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    NEXT_LEVEL_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CONTINUED_ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    key: str
    subject: Subject
    escalation_policy_id: int
    state: Escalation.State
    level: int
    cycle: int
    next_step_time: _timestamp_pb2.Timestamp
    paged_user_ids: _containers.RepeatedScalarFieldContainer[int]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    ended_by: _actor_pb2.Actor
    version: int
    escalation_policy_version: int
    followed_policy_id: int
    followed_policy_version: int
    round: int
    next_level: int
    accept_expire_time: _timestamp_pb2.Timestamp
    continued_id: int
    def __init__(self, id: _Optional[int] = ..., key: _Optional[str] = ..., subject: _Optional[_Union[Subject, _Mapping]] = ..., escalation_policy_id: _Optional[int] = ..., state: _Optional[_Union[Escalation.State, str]] = ..., level: _Optional[int] = ..., cycle: _Optional[int] = ..., next_step_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., paged_user_ids: _Optional[_Iterable[int]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ended_by: _Optional[_Union[_actor_pb2.Actor, _Mapping]] = ..., version: _Optional[int] = ..., escalation_policy_version: _Optional[int] = ..., followed_policy_id: _Optional[int] = ..., followed_policy_version: _Optional[int] = ..., round: _Optional[int] = ..., next_level: _Optional[int] = ..., accept_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., continued_id: _Optional[int] = ...) -> None: ...

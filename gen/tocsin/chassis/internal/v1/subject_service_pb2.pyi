from tocsin.edge.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CheckSubjectsRequest(_message.Message):
    __slots__ = ("subjects", "reader")
    class Subject(_message.Message):
        __slots__ = ("kind", "id", "episode")
        KIND_FIELD_NUMBER: _ClassVar[int]
        ID_FIELD_NUMBER: _ClassVar[int]
        EPISODE_FIELD_NUMBER: _ClassVar[int]
        kind: str
        id: str
        episode: int
        def __init__(self, kind: _Optional[str] = ..., id: _Optional[str] = ..., episode: _Optional[int] = ...) -> None: ...
    class Reader(_message.Message):
        __slots__ = ("team", "hidden_teams", "user_id")
        TEAM_FIELD_NUMBER: _ClassVar[int]
        HIDDEN_TEAMS_FIELD_NUMBER: _ClassVar[int]
        USER_ID_FIELD_NUMBER: _ClassVar[int]
        team: int
        hidden_teams: _containers.RepeatedScalarFieldContainer[int]
        user_id: int
        def __init__(self, team: _Optional[int] = ..., hidden_teams: _Optional[_Iterable[int]] = ..., user_id: _Optional[int] = ...) -> None: ...
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    READER_FIELD_NUMBER: _ClassVar[int]
    subjects: _containers.RepeatedCompositeFieldContainer[CheckSubjectsRequest.Subject]
    reader: CheckSubjectsRequest.Reader
    def __init__(self, subjects: _Optional[_Iterable[_Union[CheckSubjectsRequest.Subject, _Mapping]]] = ..., reader: _Optional[_Union[CheckSubjectsRequest.Reader, _Mapping]] = ...) -> None: ...

class CheckSubjectsResponse(_message.Message):
    __slots__ = ("states",)
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[CheckSubjectsResponse.State]
        PENDING: _ClassVar[CheckSubjectsResponse.State]
        OVER: _ClassVar[CheckSubjectsResponse.State]
    STATE_UNSPECIFIED: CheckSubjectsResponse.State
    PENDING: CheckSubjectsResponse.State
    OVER: CheckSubjectsResponse.State
    STATES_FIELD_NUMBER: _ClassVar[int]
    states: _containers.RepeatedScalarFieldContainer[CheckSubjectsResponse.State]
    def __init__(self, states: _Optional[_Iterable[_Union[CheckSubjectsResponse.State, str]]] = ...) -> None: ...

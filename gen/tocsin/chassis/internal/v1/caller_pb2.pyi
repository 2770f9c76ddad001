from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Caller(_message.Message):
    __slots__ = ("kind", "id", "name", "user_id", "scopes", "teams", "changed_teams", "watched_teams", "hidden_teams", "team", "is_admin")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    TEAMS_FIELD_NUMBER: _ClassVar[int]
    CHANGED_TEAMS_FIELD_NUMBER: _ClassVar[int]
    WATCHED_TEAMS_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_TEAMS_FIELD_NUMBER: _ClassVar[int]
    TEAM_FIELD_NUMBER: _ClassVar[int]
    IS_ADMIN_FIELD_NUMBER: _ClassVar[int]
    kind: str
    id: str
    name: str
    user_id: int
    scopes: _containers.RepeatedScalarFieldContainer[str]
    teams: _containers.RepeatedScalarFieldContainer[int]
    changed_teams: _containers.RepeatedScalarFieldContainer[int]
    watched_teams: _containers.RepeatedScalarFieldContainer[int]
    hidden_teams: _containers.RepeatedScalarFieldContainer[int]
    team: int
    is_admin: bool
    def __init__(self, kind: _Optional[str] = ..., id: _Optional[str] = ..., name: _Optional[str] = ..., user_id: _Optional[int] = ..., scopes: _Optional[_Iterable[str]] = ..., teams: _Optional[_Iterable[int]] = ..., changed_teams: _Optional[_Iterable[int]] = ..., watched_teams: _Optional[_Iterable[int]] = ..., hidden_teams: _Optional[_Iterable[int]] = ..., team: _Optional[int] = ..., is_admin: bool = ...) -> None: ...

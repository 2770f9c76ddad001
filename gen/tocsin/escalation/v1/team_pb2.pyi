import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import user_pb2 as _user_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Team(_message.Message):
    __slots__ = ("id", "name", "visibility", "members", "created_at", "updated_at")
    class Visibility(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        VISIBILITY_UNSPECIFIED: _ClassVar[Team.Visibility]
        PUBLIC: _ClassVar[Team.Visibility]
        PRIVATE: _ClassVar[Team.Visibility]
    VISIBILITY_UNSPECIFIED: Team.Visibility
    PUBLIC: Team.Visibility
    PRIVATE: Team.Visibility
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VISIBILITY_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    id: int
    name: str
    visibility: Team.Visibility
    members: _containers.RepeatedCompositeFieldContainer[TeamMember]
    created_at: _timestamp_pb2.Timestamp
    updated_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ..., visibility: _Optional[_Union[Team.Visibility, str]] = ..., members: _Optional[_Iterable[_Union[TeamMember, _Mapping]]] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class TeamMember(_message.Message):
    __slots__ = ("user", "role")
    class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ROLE_UNSPECIFIED: _ClassVar[TeamMember.Role]
        STAKEHOLDER: _ClassVar[TeamMember.Role]
        RESPONDER: _ClassVar[TeamMember.Role]
        USER: _ClassVar[TeamMember.Role]
        ADMIN: _ClassVar[TeamMember.Role]
        VIEWER: _ClassVar[TeamMember.Role]
    ROLE_UNSPECIFIED: TeamMember.Role
    STAKEHOLDER: TeamMember.Role
    RESPONDER: TeamMember.Role
    USER: TeamMember.Role
    ADMIN: TeamMember.Role
    VIEWER: TeamMember.Role
    USER_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    user: _user_pb2.User
    role: TeamMember.Role
    def __init__(self, user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., role: _Optional[_Union[TeamMember.Role, str]] = ...) -> None: ...

import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.escalation.v1 import team_pb2 as _team_pb2
from tocsin.escalation.v1 import user_pb2 as _user_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ApiToken(_message.Message):
    __slots__ = ("id", "name", "scopes", "user_id", "token", "create_time", "expire_time", "creator", "user", "team", "last_used", "expires_at")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATOR_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    TEAM_FIELD_NUMBER: _ClassVar[int]
    LAST_USED_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    scopes: _containers.RepeatedScalarFieldContainer[str]
    user_id: int
    token: str
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    creator: str
    user: _user_pb2.User
    team: _team_pb2.Team
    last_used: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ..., user_id: _Optional[int] = ..., token: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., creator: _Optional[str] = ..., user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., team: _Optional[_Union[_team_pb2.Team, _Mapping]] = ..., last_used: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class TokenRecord(_message.Message):
    __slots__ = ("token", "secret_sha256", "user_name", "team_ids", "role", "previous_sha256", "previous_until", "changing_team_ids", "watching_team_ids")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    SECRET_SHA256_FIELD_NUMBER: _ClassVar[int]
    USER_NAME_FIELD_NUMBER: _ClassVar[int]
    TEAM_IDS_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_SHA256_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_UNTIL_FIELD_NUMBER: _ClassVar[int]
    CHANGING_TEAM_IDS_FIELD_NUMBER: _ClassVar[int]
    WATCHING_TEAM_IDS_FIELD_NUMBER: _ClassVar[int]
    token: ApiToken
    secret_sha256: bytes
    user_name: str
    team_ids: _containers.RepeatedScalarFieldContainer[int]
    role: _user_pb2.User.Role
    previous_sha256: bytes
    previous_until: _timestamp_pb2.Timestamp
    changing_team_ids: _containers.RepeatedScalarFieldContainer[int]
    watching_team_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, token: _Optional[_Union[ApiToken, _Mapping]] = ..., secret_sha256: _Optional[bytes] = ..., user_name: _Optional[str] = ..., team_ids: _Optional[_Iterable[int]] = ..., role: _Optional[_Union[_user_pb2.User.Role, str]] = ..., previous_sha256: _Optional[bytes] = ..., previous_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., changing_team_ids: _Optional[_Iterable[int]] = ..., watching_team_ids: _Optional[_Iterable[int]] = ...) -> None: ...

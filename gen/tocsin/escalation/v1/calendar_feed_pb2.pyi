import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.escalation.v1 import user_pb2 as _user_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CalendarFeed(_message.Message):
    __slots__ = ("id", "schedule_id", "user", "url", "created_at", "creator")
    ID_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_ID_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    CREATOR_FIELD_NUMBER: _ClassVar[int]
    id: int
    schedule_id: int
    user: _user_pb2.User
    url: str
    created_at: _timestamp_pb2.Timestamp
    creator: str
    def __init__(self, id: _Optional[int] = ..., schedule_id: _Optional[int] = ..., user: _Optional[_Union[_user_pb2.User, _Mapping]] = ..., url: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., creator: _Optional[str] = ...) -> None: ...

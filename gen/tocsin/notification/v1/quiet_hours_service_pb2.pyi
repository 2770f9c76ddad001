from google.api import annotations_pb2 as _annotations_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.notification.v1 import preference_pb2 as _preference_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetQuietHoursRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    def __init__(self, user_id: _Optional[int] = ...) -> None: ...

class UpdateQuietHoursRequest(_message.Message):
    __slots__ = ("user_id", "quiet_hours")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    QUIET_HOURS_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    quiet_hours: _preference_pb2.QuietHours
    def __init__(self, user_id: _Optional[int] = ..., quiet_hours: _Optional[_Union[_preference_pb2.QuietHours, _Mapping]] = ...) -> None: ...

class DeleteQuietHoursRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    def __init__(self, user_id: _Optional[int] = ...) -> None: ...

class DeleteQuietHoursResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

from google.api import annotations_pb2 as _annotations_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListTtyopsMembersRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListTtyopsMembersResponse(_message.Message):
    __slots__ = ("members",)
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    members: _containers.RepeatedCompositeFieldContainer[TtyopsMember]
    def __init__(self, members: _Optional[_Iterable[_Union[TtyopsMember, _Mapping]]] = ...) -> None: ...

class TtyopsMember(_message.Message):
    __slots__ = ("id", "email")
    ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    id: str
    email: str
    def __init__(self, id: _Optional[str] = ..., email: _Optional[str] = ...) -> None: ...

class ListTtyopsSchedulesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListTtyopsSchedulesResponse(_message.Message):
    __slots__ = ("schedules",)
    SCHEDULES_FIELD_NUMBER: _ClassVar[int]
    schedules: _containers.RepeatedCompositeFieldContainer[TtyopsSchedule]
    def __init__(self, schedules: _Optional[_Iterable[_Union[TtyopsSchedule, _Mapping]]] = ...) -> None: ...

class TtyopsSchedule(_message.Message):
    __slots__ = ("name", "on_call")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ON_CALL_FIELD_NUMBER: _ClassVar[int]
    name: str
    on_call: TtyopsMember
    def __init__(self, name: _Optional[str] = ..., on_call: _Optional[_Union[TtyopsMember, _Mapping]] = ...) -> None: ...

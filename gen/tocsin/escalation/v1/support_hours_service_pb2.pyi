from google.api import annotations_pb2 as _annotations_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import support_hours_pb2 as _support_hours_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateSupportHoursRequest(_message.Message):
    __slots__ = ("support_hours",)
    SUPPORT_HOURS_FIELD_NUMBER: _ClassVar[int]
    support_hours: _support_hours_pb2.SupportHours
    def __init__(self, support_hours: _Optional[_Union[_support_hours_pb2.SupportHours, _Mapping]] = ...) -> None: ...

class GetSupportHoursRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class GetSupportHoursByNameRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListSupportHoursRequest(_message.Message):
    __slots__ = ("start_index", "max_results")
    START_INDEX_FIELD_NUMBER: _ClassVar[int]
    MAX_RESULTS_FIELD_NUMBER: _ClassVar[int]
    start_index: int
    max_results: int
    def __init__(self, start_index: _Optional[int] = ..., max_results: _Optional[int] = ...) -> None: ...

class ListSupportHoursResponse(_message.Message):
    __slots__ = ("support_hours",)
    SUPPORT_HOURS_FIELD_NUMBER: _ClassVar[int]
    support_hours: _containers.RepeatedCompositeFieldContainer[_support_hours_pb2.SupportHours]
    def __init__(self, support_hours: _Optional[_Iterable[_Union[_support_hours_pb2.SupportHours, _Mapping]]] = ...) -> None: ...

class UpdateSupportHoursRequest(_message.Message):
    __slots__ = ("id", "support_hours")
    ID_FIELD_NUMBER: _ClassVar[int]
    SUPPORT_HOURS_FIELD_NUMBER: _ClassVar[int]
    id: int
    support_hours: _support_hours_pb2.SupportHours
    def __init__(self, id: _Optional[int] = ..., support_hours: _Optional[_Union[_support_hours_pb2.SupportHours, _Mapping]] = ...) -> None: ...

class DeleteSupportHoursRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class DeleteSupportHoursResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

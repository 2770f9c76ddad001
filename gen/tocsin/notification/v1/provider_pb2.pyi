import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Provider(_message.Message):
    __slots__ = ("name", "configured", "circuit", "retry_time", "last_success_time", "last_failure_time", "last_failure_reason", "queue_depth", "oldest_time", "under_way")
    class Circuit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CIRCUIT_UNSPECIFIED: _ClassVar[Provider.Circuit]
        CLOSED: _ClassVar[Provider.Circuit]
        OPEN: _ClassVar[Provider.Circuit]
        HALF_OPEN: _ClassVar[Provider.Circuit]
    CIRCUIT_UNSPECIFIED: Provider.Circuit
    CLOSED: Provider.Circuit
    OPEN: Provider.Circuit
    HALF_OPEN: Provider.Circuit
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONFIGURED_FIELD_NUMBER: _ClassVar[int]
    CIRCUIT_FIELD_NUMBER: _ClassVar[int]
    RETRY_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_SUCCESS_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_FAILURE_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_FAILURE_REASON_FIELD_NUMBER: _ClassVar[int]
    QUEUE_DEPTH_FIELD_NUMBER: _ClassVar[int]
    OLDEST_TIME_FIELD_NUMBER: _ClassVar[int]
    UNDER_WAY_FIELD_NUMBER: _ClassVar[int]
    name: str
    configured: bool
    circuit: Provider.Circuit
    retry_time: _timestamp_pb2.Timestamp
    last_success_time: _timestamp_pb2.Timestamp
    last_failure_time: _timestamp_pb2.Timestamp
    last_failure_reason: str
    queue_depth: int
    oldest_time: _timestamp_pb2.Timestamp
    under_way: int
    def __init__(self, name: _Optional[str] = ..., configured: bool = ..., circuit: _Optional[_Union[Provider.Circuit, str]] = ..., retry_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_success_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_failure_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_failure_reason: _Optional[str] = ..., queue_depth: _Optional[int] = ..., oldest_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., under_way: _Optional[int] = ...) -> None: ...

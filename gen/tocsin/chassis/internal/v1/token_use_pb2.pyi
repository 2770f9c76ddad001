import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TokensUsed(_message.Message):
    __slots__ = ("uses",)
    class Use(_message.Message):
        __slots__ = ("token_id", "time")
        TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
        TIME_FIELD_NUMBER: _ClassVar[int]
        token_id: str
        time: _timestamp_pb2.Timestamp
        def __init__(self, token_id: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
    USES_FIELD_NUMBER: _ClassVar[int]
    uses: _containers.RepeatedCompositeFieldContainer[TokensUsed.Use]
    def __init__(self, uses: _Optional[_Iterable[_Union[TokensUsed.Use, _Mapping]]] = ...) -> None: ...

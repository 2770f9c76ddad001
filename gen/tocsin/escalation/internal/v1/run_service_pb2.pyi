from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import escalation_pb2 as _escalation_pb2
from tocsin.escalation.v1 import schedule_pb2 as _schedule_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class AwaitRunRequest(_message.Message):
    __slots__ = ("key", "subject_version")
    KEY_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_VERSION_FIELD_NUMBER: _ClassVar[int]
    key: str
    subject_version: int
    def __init__(self, key: _Optional[str] = ..., subject_version: _Optional[int] = ...) -> None: ...

class FindOnCallRequest(_message.Message):
    __slots__ = ("schedule_id",)
    SCHEDULE_ID_FIELD_NUMBER: _ClassVar[int]
    schedule_id: int
    def __init__(self, schedule_id: _Optional[int] = ...) -> None: ...

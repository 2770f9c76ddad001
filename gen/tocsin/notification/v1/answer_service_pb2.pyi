from google.api import annotations_pb2 as _annotations_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.notification.v1 import answer_pb2 as _answer_pb2
from tocsin.notification.v1 import notification_events_pb2 as _notification_events_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetAnswerRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class GiveAnswerRequest(_message.Message):
    __slots__ = ("token", "answer")
    class Said(_message.Message):
        __slots__ = ("verb",)
        VERB_FIELD_NUMBER: _ClassVar[int]
        verb: _notification_events_pb2.AnswerGiven.Verb
        def __init__(self, verb: _Optional[_Union[_notification_events_pb2.AnswerGiven.Verb, str]] = ...) -> None: ...
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    token: str
    answer: GiveAnswerRequest.Said
    def __init__(self, token: _Optional[str] = ..., answer: _Optional[_Union[GiveAnswerRequest.Said, _Mapping]] = ...) -> None: ...

import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.notification.v1 import notification_events_pb2 as _notification_events_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Answer(_message.Message):
    __slots__ = ("user", "subjects")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Answer.State]
        WANTED: _ClassVar[Answer.State]
        ACCEPTED: _ClassVar[Answer.State]
        OVER: _ClassVar[Answer.State]
        SUPERSEDED: _ClassVar[Answer.State]
    STATE_UNSPECIFIED: Answer.State
    WANTED: Answer.State
    ACCEPTED: Answer.State
    OVER: Answer.State
    SUPERSEDED: Answer.State
    class Subject(_message.Message):
        __slots__ = ("kind", "id", "title", "state", "by", "state_time", "verbs", "done")
        KIND_FIELD_NUMBER: _ClassVar[int]
        ID_FIELD_NUMBER: _ClassVar[int]
        TITLE_FIELD_NUMBER: _ClassVar[int]
        STATE_FIELD_NUMBER: _ClassVar[int]
        BY_FIELD_NUMBER: _ClassVar[int]
        STATE_TIME_FIELD_NUMBER: _ClassVar[int]
        VERBS_FIELD_NUMBER: _ClassVar[int]
        DONE_FIELD_NUMBER: _ClassVar[int]
        kind: str
        id: str
        title: str
        state: Answer.State
        by: str
        state_time: _timestamp_pb2.Timestamp
        verbs: _containers.RepeatedScalarFieldContainer[_notification_events_pb2.AnswerGiven.Verb]
        done: bool
        def __init__(self, kind: _Optional[str] = ..., id: _Optional[str] = ..., title: _Optional[str] = ..., state: _Optional[_Union[Answer.State, str]] = ..., by: _Optional[str] = ..., state_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., verbs: _Optional[_Iterable[_Union[_notification_events_pb2.AnswerGiven.Verb, str]]] = ..., done: bool = ...) -> None: ...
    USER_FIELD_NUMBER: _ClassVar[int]
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    user: str
    subjects: _containers.RepeatedCompositeFieldContainer[Answer.Subject]
    def __init__(self, user: _Optional[str] = ..., subjects: _Optional[_Iterable[_Union[Answer.Subject, _Mapping]]] = ...) -> None: ...

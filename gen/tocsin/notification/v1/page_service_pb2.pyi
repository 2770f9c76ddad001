from google.api import annotations_pb2 as _annotations_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ShowMessageRequest(_message.Message):
    __slots__ = ("token", "said")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    SAID_FIELD_NUMBER: _ClassVar[int]
    token: str
    said: str
    def __init__(self, token: _Optional[str] = ..., said: _Optional[str] = ...) -> None: ...

class AnswerMessageRequest(_message.Message):
    __slots__ = ("token", "form")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    token: str
    form: _httpbody_pb2.HttpBody
    def __init__(self, token: _Optional[str] = ..., form: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class ShowAlertsRequest(_message.Message):
    __slots__ = ("state", "start", "again")
    STATE_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    AGAIN_FIELD_NUMBER: _ClassVar[int]
    state: str
    start: str
    again: str
    def __init__(self, state: _Optional[str] = ..., start: _Optional[str] = ..., again: _Optional[str] = ...) -> None: ...

class ShowAlertRequest(_message.Message):
    __slots__ = ("id", "said", "again")
    ID_FIELD_NUMBER: _ClassVar[int]
    SAID_FIELD_NUMBER: _ClassVar[int]
    AGAIN_FIELD_NUMBER: _ClassVar[int]
    id: str
    said: str
    again: str
    def __init__(self, id: _Optional[str] = ..., said: _Optional[str] = ..., again: _Optional[str] = ...) -> None: ...

class ChangeAlertRequest(_message.Message):
    __slots__ = ("id", "form")
    ID_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    id: str
    form: _httpbody_pb2.HttpBody
    def __init__(self, id: _Optional[str] = ..., form: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class ShowOnCallRequest(_message.Message):
    __slots__ = ("again",)
    AGAIN_FIELD_NUMBER: _ClassVar[int]
    again: str
    def __init__(self, again: _Optional[str] = ...) -> None: ...

class ShowSignInRequest(_message.Message):
    __slots__ = ("to",)
    TO_FIELD_NUMBER: _ClassVar[int]
    to: str
    def __init__(self, to: _Optional[str] = ...) -> None: ...

class SignInRequest(_message.Message):
    __slots__ = ("form",)
    FORM_FIELD_NUMBER: _ClassVar[int]
    form: _httpbody_pb2.HttpBody
    def __init__(self, form: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class SignOutRequest(_message.Message):
    __slots__ = ("form",)
    FORM_FIELD_NUMBER: _ClassVar[int]
    form: _httpbody_pb2.HttpBody
    def __init__(self, form: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class GetFileRequest(_message.Message):
    __slots__ = ("name", "v")
    NAME_FIELD_NUMBER: _ClassVar[int]
    V_FIELD_NUMBER: _ClassVar[int]
    name: str
    v: str
    def __init__(self, name: _Optional[str] = ..., v: _Optional[str] = ...) -> None: ...

import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OpsgenieAlert(_message.Message):
    __slots__ = ("message", "alias", "description", "responders", "visible_to", "actions", "tags", "details", "entity", "source", "priority", "user", "note")
    class Responder(_message.Message):
        __slots__ = ("type", "name", "id", "username")
        TYPE_FIELD_NUMBER: _ClassVar[int]
        NAME_FIELD_NUMBER: _ClassVar[int]
        ID_FIELD_NUMBER: _ClassVar[int]
        USERNAME_FIELD_NUMBER: _ClassVar[int]
        type: str
        name: str
        id: str
        username: str
        def __init__(self, type: _Optional[str] = ..., name: _Optional[str] = ..., id: _Optional[str] = ..., username: _Optional[str] = ...) -> None: ...
    class DetailsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    RESPONDERS_FIELD_NUMBER: _ClassVar[int]
    VISIBLE_TO_FIELD_NUMBER: _ClassVar[int]
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    message: str
    alias: str
    description: str
    responders: _containers.RepeatedCompositeFieldContainer[OpsgenieAlert.Responder]
    visible_to: _containers.RepeatedCompositeFieldContainer[OpsgenieAlert.Responder]
    actions: _containers.RepeatedScalarFieldContainer[str]
    tags: _containers.RepeatedScalarFieldContainer[str]
    details: _containers.ScalarMap[str, str]
    entity: str
    source: str
    priority: str
    user: str
    note: str
    def __init__(self, message: _Optional[str] = ..., alias: _Optional[str] = ..., description: _Optional[str] = ..., responders: _Optional[_Iterable[_Union[OpsgenieAlert.Responder, _Mapping]]] = ..., visible_to: _Optional[_Iterable[_Union[OpsgenieAlert.Responder, _Mapping]]] = ..., actions: _Optional[_Iterable[str]] = ..., tags: _Optional[_Iterable[str]] = ..., details: _Optional[_Mapping[str, str]] = ..., entity: _Optional[str] = ..., source: _Optional[str] = ..., priority: _Optional[str] = ..., user: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class OpsgenieAction(_message.Message):
    __slots__ = ("note", "user", "source")
    NOTE_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    note: str
    user: str
    source: str
    def __init__(self, note: _Optional[str] = ..., user: _Optional[str] = ..., source: _Optional[str] = ...) -> None: ...

class OpsgenieReceipt(_message.Message):
    __slots__ = ("result", "took", "request_id")
    RESULT_FIELD_NUMBER: _ClassVar[int]
    TOOK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    result: str
    took: float
    request_id: str
    def __init__(self, result: _Optional[str] = ..., took: _Optional[float] = ..., request_id: _Optional[str] = ...) -> None: ...

class CreateOpsgenieAlertRequest(_message.Message):
    __slots__ = ("body",)
    BODY_FIELD_NUMBER: _ClassVar[int]
    body: _httpbody_pb2.HttpBody
    def __init__(self, body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class AcknowledgeOpsgenieAlertRequest(_message.Message):
    __slots__ = ("identifier", "identifier_type", "body")
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_TYPE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    identifier: str
    identifier_type: str
    body: _httpbody_pb2.HttpBody
    def __init__(self, identifier: _Optional[str] = ..., identifier_type: _Optional[str] = ..., body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class CloseOpsgenieAlertRequest(_message.Message):
    __slots__ = ("identifier", "identifier_type", "body")
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_TYPE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    identifier: str
    identifier_type: str
    body: _httpbody_pb2.HttpBody
    def __init__(self, identifier: _Optional[str] = ..., identifier_type: _Optional[str] = ..., body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class AddOpsgenieNoteRequest(_message.Message):
    __slots__ = ("identifier", "identifier_type", "body")
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_TYPE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    identifier: str
    identifier_type: str
    body: _httpbody_pb2.HttpBody
    def __init__(self, identifier: _Optional[str] = ..., identifier_type: _Optional[str] = ..., body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class UpdateOpsgenieMessageRequest(_message.Message):
    __slots__ = ("identifier", "identifier_type", "body")
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_TYPE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    identifier: str
    identifier_type: str
    body: _httpbody_pb2.HttpBody
    def __init__(self, identifier: _Optional[str] = ..., identifier_type: _Optional[str] = ..., body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class UpdateOpsgenieDescriptionRequest(_message.Message):
    __slots__ = ("identifier", "identifier_type", "body")
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_TYPE_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    identifier: str
    identifier_type: str
    body: _httpbody_pb2.HttpBody
    def __init__(self, identifier: _Optional[str] = ..., identifier_type: _Optional[str] = ..., body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class GetOpsgenieRequestRequest(_message.Message):
    __slots__ = ("request_id",)
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    def __init__(self, request_id: _Optional[str] = ...) -> None: ...

class OpsgenieRequest(_message.Message):
    __slots__ = ("data", "took", "request_id")
    class Data(_message.Message):
        __slots__ = ("success", "action", "processed_at", "integration_id", "is_success", "status", "alert_id", "alias")
        SUCCESS_FIELD_NUMBER: _ClassVar[int]
        ACTION_FIELD_NUMBER: _ClassVar[int]
        PROCESSED_AT_FIELD_NUMBER: _ClassVar[int]
        INTEGRATION_ID_FIELD_NUMBER: _ClassVar[int]
        IS_SUCCESS_FIELD_NUMBER: _ClassVar[int]
        STATUS_FIELD_NUMBER: _ClassVar[int]
        ALERT_ID_FIELD_NUMBER: _ClassVar[int]
        ALIAS_FIELD_NUMBER: _ClassVar[int]
        success: bool
        action: str
        processed_at: _timestamp_pb2.Timestamp
        integration_id: str
        is_success: bool
        status: str
        alert_id: str
        alias: str
        def __init__(self, success: bool = ..., action: _Optional[str] = ..., processed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., integration_id: _Optional[str] = ..., is_success: bool = ..., status: _Optional[str] = ..., alert_id: _Optional[str] = ..., alias: _Optional[str] = ...) -> None: ...
    DATA_FIELD_NUMBER: _ClassVar[int]
    TOOK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    data: OpsgenieRequest.Data
    took: float
    request_id: str
    def __init__(self, data: _Optional[_Union[OpsgenieRequest.Data, _Mapping]] = ..., took: _Optional[float] = ..., request_id: _Optional[str] = ...) -> None: ...

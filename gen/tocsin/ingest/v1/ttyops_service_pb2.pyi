from google.api import annotations_pb2 as _annotations_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TtyopsAlerts(_message.Message):
    __slots__ = ("alerts",)
    class TtyopsAlert(_message.Message):
        __slots__ = ("fingerprint", "status", "service", "title", "severity", "labels", "annotations", "generator_url")
        class LabelsEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: str
            def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
        FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
        STATUS_FIELD_NUMBER: _ClassVar[int]
        SERVICE_FIELD_NUMBER: _ClassVar[int]
        TITLE_FIELD_NUMBER: _ClassVar[int]
        SEVERITY_FIELD_NUMBER: _ClassVar[int]
        LABELS_FIELD_NUMBER: _ClassVar[int]
        ANNOTATIONS_FIELD_NUMBER: _ClassVar[int]
        GENERATOR_URL_FIELD_NUMBER: _ClassVar[int]
        fingerprint: str
        status: str
        service: str
        title: str
        severity: str
        labels: _containers.ScalarMap[str, str]
        annotations: _struct_pb2.Struct
        generator_url: str
        def __init__(self, fingerprint: _Optional[str] = ..., status: _Optional[str] = ..., service: _Optional[str] = ..., title: _Optional[str] = ..., severity: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., annotations: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., generator_url: _Optional[str] = ...) -> None: ...
    ALERTS_FIELD_NUMBER: _ClassVar[int]
    alerts: _containers.RepeatedCompositeFieldContainer[TtyopsAlerts.TtyopsAlert]
    def __init__(self, alerts: _Optional[_Iterable[_Union[TtyopsAlerts.TtyopsAlert, _Mapping]]] = ...) -> None: ...

class PostTtyopsAlertsRequest(_message.Message):
    __slots__ = ("body",)
    BODY_FIELD_NUMBER: _ClassVar[int]
    body: _httpbody_pb2.HttpBody
    def __init__(self, body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class PostTtyopsAlertsResponse(_message.Message):
    __slots__ = ("accepted", "refused")
    class Refused(_message.Message):
        __slots__ = ("index", "message")
        INDEX_FIELD_NUMBER: _ClassVar[int]
        MESSAGE_FIELD_NUMBER: _ClassVar[int]
        index: int
        message: str
        def __init__(self, index: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    accepted: int
    refused: _containers.RepeatedCompositeFieldContainer[PostTtyopsAlertsResponse.Refused]
    def __init__(self, accepted: _Optional[int] = ..., refused: _Optional[_Iterable[_Union[PostTtyopsAlertsResponse.Refused, _Mapping]]] = ...) -> None: ...

class ListTtyopsServicesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListTtyopsServicesResponse(_message.Message):
    __slots__ = ("services",)
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    services: _containers.RepeatedCompositeFieldContainer[TtyopsServiceRecord]
    def __init__(self, services: _Optional[_Iterable[_Union[TtyopsServiceRecord, _Mapping]]] = ...) -> None: ...

class TtyopsServiceRecord(_message.Message):
    __slots__ = ("id", "name")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

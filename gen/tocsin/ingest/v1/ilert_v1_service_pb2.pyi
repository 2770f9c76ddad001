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

class AlertmanagerGroup(_message.Message):
    __slots__ = ("alerts", "status", "receiver", "external_url", "group_key", "common_labels")
    class Alert(_message.Message):
        __slots__ = ("status", "labels", "annotations", "starts_at", "ends_at", "generator_url", "fingerprint")
        class LabelsEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: str
            def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
        class AnnotationsEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: str
            def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
        STATUS_FIELD_NUMBER: _ClassVar[int]
        LABELS_FIELD_NUMBER: _ClassVar[int]
        ANNOTATIONS_FIELD_NUMBER: _ClassVar[int]
        STARTS_AT_FIELD_NUMBER: _ClassVar[int]
        ENDS_AT_FIELD_NUMBER: _ClassVar[int]
        GENERATOR_URL_FIELD_NUMBER: _ClassVar[int]
        FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
        status: str
        labels: _containers.ScalarMap[str, str]
        annotations: _containers.ScalarMap[str, str]
        starts_at: str
        ends_at: str
        generator_url: str
        fingerprint: str
        def __init__(self, status: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., annotations: _Optional[_Mapping[str, str]] = ..., starts_at: _Optional[str] = ..., ends_at: _Optional[str] = ..., generator_url: _Optional[str] = ..., fingerprint: _Optional[str] = ...) -> None: ...
    ALERTS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    RECEIVER_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_URL_FIELD_NUMBER: _ClassVar[int]
    GROUP_KEY_FIELD_NUMBER: _ClassVar[int]
    COMMON_LABELS_FIELD_NUMBER: _ClassVar[int]
    alerts: _containers.RepeatedCompositeFieldContainer[AlertmanagerGroup.Alert]
    status: str
    receiver: str
    external_url: str
    group_key: str
    common_labels: _struct_pb2.Struct
    def __init__(self, alerts: _Optional[_Iterable[_Union[AlertmanagerGroup.Alert, _Mapping]]] = ..., status: _Optional[str] = ..., receiver: _Optional[str] = ..., external_url: _Optional[str] = ..., group_key: _Optional[str] = ..., common_labels: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class PostEventV1Request(_message.Message):
    __slots__ = ("body",)
    BODY_FIELD_NUMBER: _ClassVar[int]
    body: _httpbody_pb2.HttpBody
    def __init__(self, body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class PostEventV1Response(_message.Message):
    __slots__ = ("alert_key", "alert_url", "incident_key", "incident_url", "response_code")
    ALERT_KEY_FIELD_NUMBER: _ClassVar[int]
    ALERT_URL_FIELD_NUMBER: _ClassVar[int]
    INCIDENT_KEY_FIELD_NUMBER: _ClassVar[int]
    INCIDENT_URL_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_CODE_FIELD_NUMBER: _ClassVar[int]
    alert_key: str
    alert_url: str
    incident_key: str
    incident_url: str
    response_code: str
    def __init__(self, alert_key: _Optional[str] = ..., alert_url: _Optional[str] = ..., incident_key: _Optional[str] = ..., incident_url: _Optional[str] = ..., response_code: _Optional[str] = ...) -> None: ...

class PostPrometheusAlertsRequest(_message.Message):
    __slots__ = ("key", "body")
    KEY_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    key: str
    body: _httpbody_pb2.HttpBody
    def __init__(self, key: _Optional[str] = ..., body: _Optional[_Union[_httpbody_pb2.HttpBody, _Mapping]] = ...) -> None: ...

class PostPrometheusAlertsResponse(_message.Message):
    __slots__ = ("accepted", "refused")
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    accepted: int
    refused: int
    def __init__(self, accepted: _Optional[int] = ..., refused: _Optional[int] = ...) -> None: ...

import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListHttpAlertsRequest(_message.Message):
    __slots__ = ("page_size", "after", "deduplication_key_is", "status_one_of", "status_not_in", "alert_source_one_of", "alert_source_not_in")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATION_KEY_IS_FIELD_NUMBER: _ClassVar[int]
    STATUS_ONE_OF_FIELD_NUMBER: _ClassVar[int]
    STATUS_NOT_IN_FIELD_NUMBER: _ClassVar[int]
    ALERT_SOURCE_ONE_OF_FIELD_NUMBER: _ClassVar[int]
    ALERT_SOURCE_NOT_IN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    after: str
    deduplication_key_is: str
    status_one_of: _containers.RepeatedScalarFieldContainer[str]
    status_not_in: _containers.RepeatedScalarFieldContainer[str]
    alert_source_one_of: _containers.RepeatedScalarFieldContainer[str]
    alert_source_not_in: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, page_size: _Optional[int] = ..., after: _Optional[str] = ..., deduplication_key_is: _Optional[str] = ..., status_one_of: _Optional[_Iterable[str]] = ..., status_not_in: _Optional[_Iterable[str]] = ..., alert_source_one_of: _Optional[_Iterable[str]] = ..., alert_source_not_in: _Optional[_Iterable[str]] = ...) -> None: ...

class ListHttpAlertsResponse(_message.Message):
    __slots__ = ("alerts", "pagination_meta")
    ALERTS_FIELD_NUMBER: _ClassVar[int]
    PAGINATION_META_FIELD_NUMBER: _ClassVar[int]
    alerts: _containers.RepeatedCompositeFieldContainer[HttpAlert]
    pagination_meta: PaginationMeta
    def __init__(self, alerts: _Optional[_Iterable[_Union[HttpAlert, _Mapping]]] = ..., pagination_meta: _Optional[_Union[PaginationMeta, _Mapping]] = ...) -> None: ...

class PaginationMeta(_message.Message):
    __slots__ = ("page_size", "after")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    after: str
    def __init__(self, page_size: _Optional[int] = ..., after: _Optional[str] = ...) -> None: ...

class HttpAlert(_message.Message):
    __slots__ = ("id", "alert_source_id", "status", "title", "deduplication_key", "created_at", "updated_at", "resolved_at", "description", "source_url", "attributes")
    ID_FIELD_NUMBER: _ClassVar[int]
    ALERT_SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATION_KEY_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    RESOLVED_AT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_URL_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    id: str
    alert_source_id: str
    status: str
    title: str
    deduplication_key: str
    created_at: _timestamp_pb2.Timestamp
    updated_at: _timestamp_pb2.Timestamp
    resolved_at: _timestamp_pb2.Timestamp
    description: str
    source_url: str
    attributes: _containers.RepeatedCompositeFieldContainer[_struct_pb2.Struct]
    def __init__(self, id: _Optional[str] = ..., alert_source_id: _Optional[str] = ..., status: _Optional[str] = ..., title: _Optional[str] = ..., deduplication_key: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., resolved_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., description: _Optional[str] = ..., source_url: _Optional[str] = ..., attributes: _Optional[_Iterable[_Union[_struct_pb2.Struct, _Mapping]]] = ...) -> None: ...

from google.api import annotations_pb2 as _annotations_pb2
from google.api import httpbody_pb2 as _httpbody_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import calendar_feed_pb2 as _calendar_feed_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateCalendarFeedRequest(_message.Message):
    __slots__ = ("id", "feed")
    ID_FIELD_NUMBER: _ClassVar[int]
    FEED_FIELD_NUMBER: _ClassVar[int]
    id: int
    feed: _calendar_feed_pb2.CalendarFeed
    def __init__(self, id: _Optional[int] = ..., feed: _Optional[_Union[_calendar_feed_pb2.CalendarFeed, _Mapping]] = ...) -> None: ...

class ListCalendarFeedsRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class ListCalendarFeedsResponse(_message.Message):
    __slots__ = ("feeds",)
    FEEDS_FIELD_NUMBER: _ClassVar[int]
    feeds: _containers.RepeatedCompositeFieldContainer[_calendar_feed_pb2.CalendarFeed]
    def __init__(self, feeds: _Optional[_Iterable[_Union[_calendar_feed_pb2.CalendarFeed, _Mapping]]] = ...) -> None: ...

class DeleteCalendarFeedRequest(_message.Message):
    __slots__ = ("id", "feed_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    FEED_ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    feed_id: int
    def __init__(self, id: _Optional[int] = ..., feed_id: _Optional[int] = ...) -> None: ...

class DeleteCalendarFeedResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetCalendarRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

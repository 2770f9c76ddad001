import datetime

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import content_pb2 as _content_pb2
from tocsin.escalation.v1 import team_pb2 as _team_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Webhook(_message.Message):
    __slots__ = ("id", "name", "url", "teams", "secret", "create_time", "update_time", "events", "last_success_time", "last_failure_time", "last_failure", "pending_deliveries")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    TEAMS_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    LAST_SUCCESS_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_FAILURE_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_FAILURE_FIELD_NUMBER: _ClassVar[int]
    PENDING_DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    id: int
    name: str
    url: str
    teams: _containers.RepeatedCompositeFieldContainer[_team_pb2.Team]
    secret: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    events: _containers.RepeatedScalarFieldContainer[str]
    last_success_time: _timestamp_pb2.Timestamp
    last_failure_time: _timestamp_pb2.Timestamp
    last_failure: str
    pending_deliveries: int
    def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ..., url: _Optional[str] = ..., teams: _Optional[_Iterable[_Union[_team_pb2.Team, _Mapping]]] = ..., secret: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., events: _Optional[_Iterable[str]] = ..., last_success_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_failure_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_failure: _Optional[str] = ..., pending_deliveries: _Optional[int] = ...) -> None: ...

class WebhookEvent(_message.Message):
    __slots__ = ("type", "timestamp", "data")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    type: str
    timestamp: _timestamp_pb2.Timestamp
    data: _struct_pb2.Struct
    def __init__(self, type: _Optional[str] = ..., timestamp: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., data: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class WebhookDelivery(_message.Message):
    __slots__ = ("id", "event_id", "type", "state", "attempts", "error", "create_time", "next_attempt_time", "end_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[WebhookDelivery.State]
        PENDING: _ClassVar[WebhookDelivery.State]
        SENT: _ClassVar[WebhookDelivery.State]
        FAILED: _ClassVar[WebhookDelivery.State]
    STATE_UNSPECIFIED: WebhookDelivery.State
    PENDING: WebhookDelivery.State
    SENT: WebhookDelivery.State
    FAILED: WebhookDelivery.State
    ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    NEXT_ATTEMPT_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    id: int
    event_id: str
    type: str
    state: WebhookDelivery.State
    attempts: int
    error: str
    create_time: _timestamp_pb2.Timestamp
    next_attempt_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[int] = ..., event_id: _Optional[str] = ..., type: _Optional[str] = ..., state: _Optional[_Union[WebhookDelivery.State, str]] = ..., attempts: _Optional[int] = ..., error: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., next_attempt_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class WebhookCall(_message.Message):
    __slots__ = ("type", "id", "text", "possible_repeat", "escalation_key", "subject", "user", "webhook", "level", "level_count", "request_time", "next_step_time", "accept_url", "reason", "ended_by", "escalation_id", "message", "others", "bundled", "answer_url", "link")
    class Subject(_message.Message):
        __slots__ = ("kind", "id", "episode", "title", "details", "links", "priority")
        KIND_FIELD_NUMBER: _ClassVar[int]
        ID_FIELD_NUMBER: _ClassVar[int]
        EPISODE_FIELD_NUMBER: _ClassVar[int]
        TITLE_FIELD_NUMBER: _ClassVar[int]
        DETAILS_FIELD_NUMBER: _ClassVar[int]
        LINKS_FIELD_NUMBER: _ClassVar[int]
        PRIORITY_FIELD_NUMBER: _ClassVar[int]
        kind: str
        id: str
        episode: int
        title: str
        details: str
        links: _containers.RepeatedCompositeFieldContainer[_content_pb2.Link]
        priority: str
        def __init__(self, kind: _Optional[str] = ..., id: _Optional[str] = ..., episode: _Optional[int] = ..., title: _Optional[str] = ..., details: _Optional[str] = ..., links: _Optional[_Iterable[_Union[_content_pb2.Link, _Mapping]]] = ..., priority: _Optional[str] = ...) -> None: ...
    class Called(_message.Message):
        __slots__ = ("id", "name")
        ID_FIELD_NUMBER: _ClassVar[int]
        NAME_FIELD_NUMBER: _ClassVar[int]
        id: int
        name: str
        def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ...) -> None: ...
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    POSSIBLE_REPEAT_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_KEY_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    LEVEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_TIME_FIELD_NUMBER: _ClassVar[int]
    NEXT_STEP_TIME_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_URL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ENDED_BY_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    OTHERS_FIELD_NUMBER: _ClassVar[int]
    BUNDLED_FIELD_NUMBER: _ClassVar[int]
    ANSWER_URL_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    type: str
    id: str
    text: str
    possible_repeat: bool
    escalation_key: str
    subject: WebhookCall.Subject
    user: WebhookCall.Called
    webhook: WebhookCall.Called
    level: int
    level_count: int
    request_time: _timestamp_pb2.Timestamp
    next_step_time: _timestamp_pb2.Timestamp
    accept_url: str
    reason: str
    ended_by: str
    escalation_id: int
    message: str
    others: _containers.RepeatedScalarFieldContainer[str]
    bundled: _containers.RepeatedCompositeFieldContainer[WebhookCall.Subject]
    answer_url: str
    link: str
    def __init__(self, type: _Optional[str] = ..., id: _Optional[str] = ..., text: _Optional[str] = ..., possible_repeat: bool = ..., escalation_key: _Optional[str] = ..., subject: _Optional[_Union[WebhookCall.Subject, _Mapping]] = ..., user: _Optional[_Union[WebhookCall.Called, _Mapping]] = ..., webhook: _Optional[_Union[WebhookCall.Called, _Mapping]] = ..., level: _Optional[int] = ..., level_count: _Optional[int] = ..., request_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., next_step_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., accept_url: _Optional[str] = ..., reason: _Optional[str] = ..., ended_by: _Optional[str] = ..., escalation_id: _Optional[int] = ..., message: _Optional[str] = ..., others: _Optional[_Iterable[str]] = ..., bundled: _Optional[_Iterable[_Union[WebhookCall.Subject, _Mapping]]] = ..., answer_url: _Optional[str] = ..., link: _Optional[str] = ...) -> None: ...

import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.alertstate.v1 import alert_pb2 as _alert_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListAlertsRequest(_message.Message):
    __slots__ = ("start_index", "max_results", "states", "sources", "until", "policies", "responders", "include", "state", "alert_source", "assigned_to")
    START_INDEX_FIELD_NUMBER: _ClassVar[int]
    MAX_RESULTS_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    RESPONDERS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ALERT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_TO_FIELD_NUMBER: _ClassVar[int]
    start_index: int
    max_results: int
    states: _containers.RepeatedScalarFieldContainer[_alert_pb2.Alert.Status]
    sources: _containers.RepeatedScalarFieldContainer[int]
    until: _timestamp_pb2.Timestamp
    policies: _containers.RepeatedScalarFieldContainer[int]
    responders: _containers.RepeatedScalarFieldContainer[str]
    include: _containers.RepeatedScalarFieldContainer[str]
    state: _containers.RepeatedScalarFieldContainer[_alert_pb2.Alert.Status]
    alert_source: _containers.RepeatedScalarFieldContainer[int]
    assigned_to: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, start_index: _Optional[int] = ..., max_results: _Optional[int] = ..., states: _Optional[_Iterable[_Union[_alert_pb2.Alert.Status, str]]] = ..., sources: _Optional[_Iterable[int]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., policies: _Optional[_Iterable[int]] = ..., responders: _Optional[_Iterable[str]] = ..., include: _Optional[_Iterable[str]] = ..., state: _Optional[_Iterable[_Union[_alert_pb2.Alert.Status, str]]] = ..., alert_source: _Optional[_Iterable[int]] = ..., assigned_to: _Optional[_Iterable[str]] = ..., **kwargs) -> None: ...

class ListAlertsResponse(_message.Message):
    __slots__ = ("alerts",)
    ALERTS_FIELD_NUMBER: _ClassVar[int]
    alerts: _containers.RepeatedCompositeFieldContainer[_alert_pb2.Alert]
    def __init__(self, alerts: _Optional[_Iterable[_Union[_alert_pb2.Alert, _Mapping]]] = ...) -> None: ...

class CountAlertsRequest(_message.Message):
    __slots__ = ("states", "sources", "until", "responders", "state", "alert_source", "assigned_to")
    STATES_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    RESPONDERS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ALERT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_TO_FIELD_NUMBER: _ClassVar[int]
    states: _containers.RepeatedScalarFieldContainer[_alert_pb2.Alert.Status]
    sources: _containers.RepeatedScalarFieldContainer[int]
    until: _timestamp_pb2.Timestamp
    responders: _containers.RepeatedScalarFieldContainer[str]
    state: _containers.RepeatedScalarFieldContainer[_alert_pb2.Alert.Status]
    alert_source: _containers.RepeatedScalarFieldContainer[int]
    assigned_to: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, states: _Optional[_Iterable[_Union[_alert_pb2.Alert.Status, str]]] = ..., sources: _Optional[_Iterable[int]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., responders: _Optional[_Iterable[str]] = ..., state: _Optional[_Iterable[_Union[_alert_pb2.Alert.Status, str]]] = ..., alert_source: _Optional[_Iterable[int]] = ..., assigned_to: _Optional[_Iterable[str]] = ..., **kwargs) -> None: ...

class CountAlertsResponse(_message.Message):
    __slots__ = ("count",)
    COUNT_FIELD_NUMBER: _ClassVar[int]
    count: int
    def __init__(self, count: _Optional[int] = ...) -> None: ...

class GetAlertRequest(_message.Message):
    __slots__ = ("id", "include")
    ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_FIELD_NUMBER: _ClassVar[int]
    id: int
    include: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[int] = ..., include: _Optional[_Iterable[str]] = ...) -> None: ...

class AcceptAlertRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class ResolveAlertRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class CreateAlertRequest(_message.Message):
    __slots__ = ("alert",)
    ALERT_FIELD_NUMBER: _ClassVar[int]
    alert: _alert_pb2.ManualAlert
    def __init__(self, alert: _Optional[_Union[_alert_pb2.ManualAlert, _Mapping]] = ...) -> None: ...

class ListSuggestedRespondersRequest(_message.Message):
    __slots__ = ("id", "lang")
    ID_FIELD_NUMBER: _ClassVar[int]
    LANG_FIELD_NUMBER: _ClassVar[int]
    id: int
    lang: str
    def __init__(self, id: _Optional[int] = ..., lang: _Optional[str] = ...) -> None: ...

class ListSuggestedRespondersResponse(_message.Message):
    __slots__ = ("suggested_responders",)
    SUGGESTED_RESPONDERS_FIELD_NUMBER: _ClassVar[int]
    suggested_responders: _containers.RepeatedCompositeFieldContainer[_alert_pb2.SuggestedResponder]
    def __init__(self, suggested_responders: _Optional[_Iterable[_Union[_alert_pb2.SuggestedResponder, _Mapping]]] = ...) -> None: ...

class AddResponderRequest(_message.Message):
    __slots__ = ("id", "responder", "user", "user_login")
    class Reference(_message.Message):
        __slots__ = ("user", "id")
        USER_FIELD_NUMBER: _ClassVar[int]
        ID_FIELD_NUMBER: _ClassVar[int]
        user: _alert_pb2.AssignedUser
        id: int
        def __init__(self, user: _Optional[_Union[_alert_pb2.AssignedUser, _Mapping]] = ..., id: _Optional[int] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    RESPONDER_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    USER_LOGIN_FIELD_NUMBER: _ClassVar[int]
    id: int
    responder: AddResponderRequest.Reference
    user: int
    user_login: str
    def __init__(self, id: _Optional[int] = ..., responder: _Optional[_Union[AddResponderRequest.Reference, _Mapping]] = ..., user: _Optional[int] = ..., user_login: _Optional[str] = ...) -> None: ...

class RemoveResponderRequest(_message.Message):
    __slots__ = ("id", "user_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    user_id: int
    def __init__(self, id: _Optional[int] = ..., user_id: _Optional[int] = ...) -> None: ...

class RemoveResponderResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AssignAlertRequest(_message.Message):
    __slots__ = ("id", "user", "policy", "schedule", "user_login", "policy_id", "schedule_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_FIELD_NUMBER: _ClassVar[int]
    USER_LOGIN_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    user: int
    policy: int
    schedule: int
    user_login: str
    policy_id: int
    schedule_id: int
    def __init__(self, id: _Optional[int] = ..., user: _Optional[int] = ..., policy: _Optional[int] = ..., schedule: _Optional[int] = ..., user_login: _Optional[str] = ..., policy_id: _Optional[int] = ..., schedule_id: _Optional[int] = ...) -> None: ...

class EscalateAlertRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: int
    def __init__(self, id: _Optional[int] = ...) -> None: ...

class SetAlertPriorityRequest(_message.Message):
    __slots__ = ("id", "priority")
    ID_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    id: int
    priority: _alert_pb2.Alert.Priority
    def __init__(self, id: _Optional[int] = ..., priority: _Optional[_Union[_alert_pb2.Alert.Priority, str]] = ...) -> None: ...

class SnoozeAlertRequest(_message.Message):
    __slots__ = ("id", "until")
    ID_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    id: int
    until: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[int] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CommentAlertRequest(_message.Message):
    __slots__ = ("id", "comment")
    ID_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    id: int
    comment: _alert_pb2.Comment
    def __init__(self, id: _Optional[int] = ..., comment: _Optional[_Union[_alert_pb2.Comment, _Mapping]] = ...) -> None: ...

class ListCommentsRequest(_message.Message):
    __slots__ = ("id", "start_index", "max_results")
    ID_FIELD_NUMBER: _ClassVar[int]
    START_INDEX_FIELD_NUMBER: _ClassVar[int]
    MAX_RESULTS_FIELD_NUMBER: _ClassVar[int]
    id: int
    start_index: int
    max_results: int
    def __init__(self, id: _Optional[int] = ..., start_index: _Optional[int] = ..., max_results: _Optional[int] = ...) -> None: ...

class ListCommentsResponse(_message.Message):
    __slots__ = ("comments",)
    COMMENTS_FIELD_NUMBER: _ClassVar[int]
    comments: _containers.RepeatedCompositeFieldContainer[_alert_pb2.Comment]
    def __init__(self, comments: _Optional[_Iterable[_Union[_alert_pb2.Comment, _Mapping]]] = ...) -> None: ...

class BulkAcceptAlertsRequest(_message.Message):
    __slots__ = ("ids",)
    IDS_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, ids: _Optional[_Iterable[int]] = ...) -> None: ...

class BulkAcceptAlertsResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[BulkResult]
    def __init__(self, results: _Optional[_Iterable[_Union[BulkResult, _Mapping]]] = ...) -> None: ...

class BulkResolveAlertsRequest(_message.Message):
    __slots__ = ("ids",)
    IDS_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, ids: _Optional[_Iterable[int]] = ...) -> None: ...

class BulkResolveAlertsResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[BulkResult]
    def __init__(self, results: _Optional[_Iterable[_Union[BulkResult, _Mapping]]] = ...) -> None: ...

class BulkResult(_message.Message):
    __slots__ = ("id", "status", "code", "message")
    ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    id: int
    status: _alert_pb2.Alert.Status
    code: str
    message: str
    def __init__(self, id: _Optional[int] = ..., status: _Optional[_Union[_alert_pb2.Alert.Status, str]] = ..., code: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class ListLogEntriesRequest(_message.Message):
    __slots__ = ("id", "start_index", "max_results", "lang", "lng", "include", "filter_types")
    ID_FIELD_NUMBER: _ClassVar[int]
    START_INDEX_FIELD_NUMBER: _ClassVar[int]
    MAX_RESULTS_FIELD_NUMBER: _ClassVar[int]
    LANG_FIELD_NUMBER: _ClassVar[int]
    LNG_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_FIELD_NUMBER: _ClassVar[int]
    FILTER_TYPES_FIELD_NUMBER: _ClassVar[int]
    id: int
    start_index: int
    max_results: int
    lang: str
    lng: str
    include: _containers.RepeatedScalarFieldContainer[str]
    filter_types: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[int] = ..., start_index: _Optional[int] = ..., max_results: _Optional[int] = ..., lang: _Optional[str] = ..., lng: _Optional[str] = ..., include: _Optional[_Iterable[str]] = ..., filter_types: _Optional[_Iterable[str]] = ...) -> None: ...

class ListLogEntriesResponse(_message.Message):
    __slots__ = ("log_entries",)
    LOG_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    log_entries: _containers.RepeatedCompositeFieldContainer[_alert_pb2.LogEntry]
    def __init__(self, log_entries: _Optional[_Iterable[_Union[_alert_pb2.LogEntry, _Mapping]]] = ...) -> None: ...

import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.alertstate.v1 import alert_pb2 as _alert_pb2
from tocsin.edge.v1 import actor_pb2 as _actor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AlertChanged(_message.Message):
    __slots__ = ("alert", "version", "episode", "cause", "actor", "accept_time", "calls", "pushes", "change_time", "belonging")
    class Cause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CAUSE_UNSPECIFIED: _ClassVar[AlertChanged.Cause]
        RAISED: _ClassVar[AlertChanged.Cause]
        ACCEPTED: _ClassVar[AlertChanged.Cause]
        RESOLVED: _ClassVar[AlertChanged.Cause]
        REPEATED: _ClassVar[AlertChanged.Cause]
        REASSIGNED: _ClassVar[AlertChanged.Cause]
        PRIORITY_CHANGED: _ClassVar[AlertChanged.Cause]
        SNOOZED: _ClassVar[AlertChanged.Cause]
        RESPONDERS_CHANGED: _ClassVar[AlertChanged.Cause]
        ESCALATED: _ClassVar[AlertChanged.Cause]
        COMMENTED: _ClassVar[AlertChanged.Cause]
        AUTO_RESOLVED: _ClassVar[AlertChanged.Cause]
        ESCALATION_CHANGED: _ClassVar[AlertChanged.Cause]
        ACCEPT_EXPIRED: _ClassVar[AlertChanged.Cause]
    CAUSE_UNSPECIFIED: AlertChanged.Cause
    RAISED: AlertChanged.Cause
    ACCEPTED: AlertChanged.Cause
    RESOLVED: AlertChanged.Cause
    REPEATED: AlertChanged.Cause
    REASSIGNED: AlertChanged.Cause
    PRIORITY_CHANGED: AlertChanged.Cause
    SNOOZED: AlertChanged.Cause
    RESPONDERS_CHANGED: AlertChanged.Cause
    ESCALATED: AlertChanged.Cause
    COMMENTED: AlertChanged.Cause
    AUTO_RESOLVED: AlertChanged.Cause
    ESCALATION_CHANGED: AlertChanged.Cause
    ACCEPT_EXPIRED: AlertChanged.Cause
    ALERT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_TIME_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    PUSHES_FIELD_NUMBER: _ClassVar[int]
    CHANGE_TIME_FIELD_NUMBER: _ClassVar[int]
    BELONGING_FIELD_NUMBER: _ClassVar[int]
    alert: _alert_pb2.Alert
    version: int
    episode: int
    cause: AlertChanged.Cause
    actor: _actor_pb2.Actor
    accept_time: _timestamp_pb2.Timestamp
    calls: _containers.RepeatedCompositeFieldContainer[Call]
    pushes: int
    change_time: _timestamp_pb2.Timestamp
    belonging: Belonging
    def __init__(self, alert: _Optional[_Union[_alert_pb2.Alert, _Mapping]] = ..., version: _Optional[int] = ..., episode: _Optional[int] = ..., cause: _Optional[_Union[AlertChanged.Cause, str]] = ..., actor: _Optional[_Union[_actor_pb2.Actor, _Mapping]] = ..., accept_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., calls: _Optional[_Iterable[_Union[Call, _Mapping]]] = ..., pushes: _Optional[int] = ..., change_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., belonging: _Optional[_Union[Belonging, _Mapping]] = ...) -> None: ...

class Belonging(_message.Message):
    __slots__ = ("team_ids",)
    TEAM_IDS_FIELD_NUMBER: _ClassVar[int]
    team_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, team_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class Call(_message.Message):
    __slots__ = ("number", "user_id", "schedule_id")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_ID_FIELD_NUMBER: _ClassVar[int]
    number: int
    user_id: int
    schedule_id: int
    def __init__(self, number: _Optional[int] = ..., user_id: _Optional[int] = ..., schedule_id: _Optional[int] = ...) -> None: ...

import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.alertstate.v1 import alert_pb2 as _alert_pb2
from tocsin.edge.v1 import actor_pb2 as _actor_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AlertChanged(_message.Message):
    __slots__ = ("alert", "version", "episode", "cause", "actor", "accept_time")
    class Cause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CAUSE_UNSPECIFIED: _ClassVar[AlertChanged.Cause]
        RAISED: _ClassVar[AlertChanged.Cause]
        ACCEPTED: _ClassVar[AlertChanged.Cause]
        RESOLVED: _ClassVar[AlertChanged.Cause]
        REPEATED: _ClassVar[AlertChanged.Cause]
    CAUSE_UNSPECIFIED: AlertChanged.Cause
    RAISED: AlertChanged.Cause
    ACCEPTED: AlertChanged.Cause
    RESOLVED: AlertChanged.Cause
    REPEATED: AlertChanged.Cause
    ALERT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_TIME_FIELD_NUMBER: _ClassVar[int]
    alert: _alert_pb2.Alert
    version: int
    episode: int
    cause: AlertChanged.Cause
    actor: _actor_pb2.Actor
    accept_time: _timestamp_pb2.Timestamp
    def __init__(self, alert: _Optional[_Union[_alert_pb2.Alert, _Mapping]] = ..., version: _Optional[int] = ..., episode: _Optional[int] = ..., cause: _Optional[_Union[AlertChanged.Cause, str]] = ..., actor: _Optional[_Union[_actor_pb2.Actor, _Mapping]] = ..., accept_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

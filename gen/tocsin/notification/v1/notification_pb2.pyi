import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.notification.v1 import contact_pb2 as _contact_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Notification(_message.Message):
    __slots__ = ("id", "method", "target", "subject", "alert_id", "user", "notification_time", "status", "error_message", "possible_repeat", "webhook", "provider", "provider_id", "delivered_time", "read_time", "reason", "next_attempt_time", "attempts", "told_by")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[Notification.Status]
        SCHEDULED: _ClassVar[Notification.Status]
        SUCCESS: _ClassVar[Notification.Status]
        ERROR: _ClassVar[Notification.Status]
    STATUS_UNSPECIFIED: Notification.Status
    SCHEDULED: Notification.Status
    SUCCESS: Notification.Status
    ERROR: Notification.Status
    class Person(_message.Message):
        __slots__ = ("id", "firstname", "lastname")
        ID_FIELD_NUMBER: _ClassVar[int]
        FIRSTNAME_FIELD_NUMBER: _ClassVar[int]
        LASTNAME_FIELD_NUMBER: _ClassVar[int]
        id: int
        firstname: str
        lastname: str
        def __init__(self, id: _Optional[int] = ..., firstname: _Optional[str] = ..., lastname: _Optional[str] = ...) -> None: ...
    class Hook(_message.Message):
        __slots__ = ("id", "name")
        ID_FIELD_NUMBER: _ClassVar[int]
        NAME_FIELD_NUMBER: _ClassVar[int]
        id: int
        name: str
        def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ...) -> None: ...
    class Attempt(_message.Message):
        __slots__ = ("number", "start_time", "end_time", "outcome", "provider", "provider_id", "reason")
        NUMBER_FIELD_NUMBER: _ClassVar[int]
        START_TIME_FIELD_NUMBER: _ClassVar[int]
        END_TIME_FIELD_NUMBER: _ClassVar[int]
        OUTCOME_FIELD_NUMBER: _ClassVar[int]
        PROVIDER_FIELD_NUMBER: _ClassVar[int]
        PROVIDER_ID_FIELD_NUMBER: _ClassVar[int]
        REASON_FIELD_NUMBER: _ClassVar[int]
        number: int
        start_time: _timestamp_pb2.Timestamp
        end_time: _timestamp_pb2.Timestamp
        outcome: str
        provider: str
        provider_id: str
        reason: str
        def __init__(self, number: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., outcome: _Optional[str] = ..., provider: _Optional[str] = ..., provider_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ALERT_ID_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_TIME_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    POSSIBLE_REPEAT_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_ID_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_TIME_FIELD_NUMBER: _ClassVar[int]
    READ_TIME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    NEXT_ATTEMPT_TIME_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    TOLD_BY_FIELD_NUMBER: _ClassVar[int]
    id: int
    method: _contact_pb2.Contact.Method
    target: str
    subject: str
    alert_id: int
    user: Notification.Person
    notification_time: _timestamp_pb2.Timestamp
    status: Notification.Status
    error_message: str
    possible_repeat: bool
    webhook: Notification.Hook
    provider: str
    provider_id: str
    delivered_time: _timestamp_pb2.Timestamp
    read_time: _timestamp_pb2.Timestamp
    reason: str
    next_attempt_time: _timestamp_pb2.Timestamp
    attempts: _containers.RepeatedCompositeFieldContainer[Notification.Attempt]
    told_by: int
    def __init__(self, id: _Optional[int] = ..., method: _Optional[_Union[_contact_pb2.Contact.Method, str]] = ..., target: _Optional[str] = ..., subject: _Optional[str] = ..., alert_id: _Optional[int] = ..., user: _Optional[_Union[Notification.Person, _Mapping]] = ..., notification_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., status: _Optional[_Union[Notification.Status, str]] = ..., error_message: _Optional[str] = ..., possible_repeat: bool = ..., webhook: _Optional[_Union[Notification.Hook, _Mapping]] = ..., provider: _Optional[str] = ..., provider_id: _Optional[str] = ..., delivered_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., read_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reason: _Optional[str] = ..., next_attempt_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., attempts: _Optional[_Iterable[_Union[Notification.Attempt, _Mapping]]] = ..., told_by: _Optional[int] = ...) -> None: ...

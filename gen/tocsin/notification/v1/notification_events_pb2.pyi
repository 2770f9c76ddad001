import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import actor_pb2 as _actor_pb2
from tocsin.notification.v1 import contact_pb2 as _contact_pb2
from tocsin.notification.v1 import notification_pb2 as _notification_pb2
from tocsin.notification.v1 import webhook_pb2 as _webhook_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NotificationChanged(_message.Message):
    __slots__ = ("notification", "escalation_key", "subject_kind", "subject_id", "attempt", "version")
    NOTIFICATION_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_KEY_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    notification: _notification_pb2.Notification
    escalation_key: str
    subject_kind: str
    subject_id: str
    attempt: int
    version: int
    def __init__(self, notification: _Optional[_Union[_notification_pb2.Notification, _Mapping]] = ..., escalation_key: _Optional[str] = ..., subject_kind: _Optional[str] = ..., subject_id: _Optional[str] = ..., attempt: _Optional[int] = ..., version: _Optional[int] = ...) -> None: ...

class WebhookChanged(_message.Message):
    __slots__ = ("webhook", "version", "deleted")
    WEBHOOK_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    webhook: _webhook_pb2.Webhook
    version: int
    deleted: bool
    def __init__(self, webhook: _Optional[_Union[_webhook_pb2.Webhook, _Mapping]] = ..., version: _Optional[int] = ..., deleted: bool = ...) -> None: ...

class AnswerGiven(_message.Message):
    __slots__ = ("verb", "subject_kind", "subject_id", "episode", "escalation_key", "escalation_id", "actor", "method", "answer_time", "id")
    class Verb(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        VERB_UNSPECIFIED: _ClassVar[AnswerGiven.Verb]
        ACCEPT: _ClassVar[AnswerGiven.Verb]
        RESOLVE: _ClassVar[AnswerGiven.Verb]
        ESCALATE: _ClassVar[AnswerGiven.Verb]
    VERB_UNSPECIFIED: AnswerGiven.Verb
    ACCEPT: AnswerGiven.Verb
    RESOLVE: AnswerGiven.Verb
    ESCALATE: AnswerGiven.Verb
    VERB_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_KEY_FIELD_NUMBER: _ClassVar[int]
    ESCALATION_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    ANSWER_TIME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    verb: AnswerGiven.Verb
    subject_kind: str
    subject_id: str
    episode: int
    escalation_key: str
    escalation_id: int
    actor: _actor_pb2.Actor
    method: _contact_pb2.Contact.Method
    answer_time: _timestamp_pb2.Timestamp
    id: int
    def __init__(self, verb: _Optional[_Union[AnswerGiven.Verb, str]] = ..., subject_kind: _Optional[str] = ..., subject_id: _Optional[str] = ..., episode: _Optional[int] = ..., escalation_key: _Optional[str] = ..., escalation_id: _Optional[int] = ..., actor: _Optional[_Union[_actor_pb2.Actor, _Mapping]] = ..., method: _Optional[_Union[_contact_pb2.Contact.Method, str]] = ..., answer_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., id: _Optional[int] = ...) -> None: ...

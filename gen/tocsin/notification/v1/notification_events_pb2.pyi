from tocsin.notification.v1 import notification_pb2 as _notification_pb2
from tocsin.notification.v1 import webhook_pb2 as _webhook_pb2
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

from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class SuiteAlertRaised(_message.Message):
    __slots__ = ("alert_key", "summary", "details", "service", "over")
    ALERT_KEY_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    OVER_FIELD_NUMBER: _ClassVar[int]
    alert_key: str
    summary: str
    details: str
    service: str
    over: bool
    def __init__(self, alert_key: _Optional[str] = ..., summary: _Optional[str] = ..., details: _Optional[str] = ..., service: _Optional[str] = ..., over: bool = ...) -> None: ...

import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LintRequest(_message.Message):
    __slots__ = ("days",)
    DAYS_FIELD_NUMBER: _ClassVar[int]
    days: int
    def __init__(self, days: _Optional[int] = ...) -> None: ...

class LintResponse(_message.Message):
    __slots__ = ("findings", "unchecked")
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    UNCHECKED_FIELD_NUMBER: _ClassVar[int]
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    unchecked: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., unchecked: _Optional[_Iterable[str]] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("severity", "check", "kind", "id", "name", "field", "message", "advice", "times", "times_count", "timezone")
    class Severity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SEVERITY_UNSPECIFIED: _ClassVar[Finding.Severity]
        INFO: _ClassVar[Finding.Severity]
        WARNING: _ClassVar[Finding.Severity]
        ERROR: _ClassVar[Finding.Severity]
    SEVERITY_UNSPECIFIED: Finding.Severity
    INFO: Finding.Severity
    WARNING: Finding.Severity
    ERROR: Finding.Severity
    class Check(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CHECK_UNSPECIFIED: _ClassVar[Finding.Check]
        GAP: _ClassVar[Finding.Check]
        LEVEL_REACHES_NOBODY: _ClassVar[Finding.Check]
        POLICY_REACHES_NOBODY: _ClassVar[Finding.Check]
        SOURCE_REACHES_NOBODY: _ClassVar[Finding.Check]
        NO_CONTACT: _ClassVar[Finding.Check]
        ODD_HANDOVER: _ClassVar[Finding.Check]
        LOOPBACK_URL: _ClassVar[Finding.Check]
        TOKEN_CREATOR_GONE: _ClassVar[Finding.Check]
        UNUSED_SCHEDULE: _ClassVar[Finding.Check]
        UNVERIFIED_CONTACT: _ClassVar[Finding.Check]
        PROVIDER_MISSING: _ClassVar[Finding.Check]
    CHECK_UNSPECIFIED: Finding.Check
    GAP: Finding.Check
    LEVEL_REACHES_NOBODY: Finding.Check
    POLICY_REACHES_NOBODY: Finding.Check
    SOURCE_REACHES_NOBODY: Finding.Check
    NO_CONTACT: Finding.Check
    ODD_HANDOVER: Finding.Check
    LOOPBACK_URL: Finding.Check
    TOKEN_CREATOR_GONE: Finding.Check
    UNUSED_SCHEDULE: Finding.Check
    UNVERIFIED_CONTACT: Finding.Check
    PROVIDER_MISSING: Finding.Check
    class Span(_message.Message):
        __slots__ = ("start", "end")
        START_FIELD_NUMBER: _ClassVar[int]
        END_FIELD_NUMBER: _ClassVar[int]
        start: _timestamp_pb2.Timestamp
        end: _timestamp_pb2.Timestamp
        def __init__(self, start: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ADVICE_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    TIMES_COUNT_FIELD_NUMBER: _ClassVar[int]
    TIMEZONE_FIELD_NUMBER: _ClassVar[int]
    severity: Finding.Severity
    check: Finding.Check
    kind: str
    id: str
    name: str
    field: str
    message: str
    advice: str
    times: _containers.RepeatedCompositeFieldContainer[Finding.Span]
    times_count: int
    timezone: str
    def __init__(self, severity: _Optional[_Union[Finding.Severity, str]] = ..., check: _Optional[_Union[Finding.Check, str]] = ..., kind: _Optional[str] = ..., id: _Optional[str] = ..., name: _Optional[str] = ..., field: _Optional[str] = ..., message: _Optional[str] = ..., advice: _Optional[str] = ..., times: _Optional[_Iterable[_Union[Finding.Span, _Mapping]]] = ..., times_count: _Optional[int] = ..., timezone: _Optional[str] = ...) -> None: ...

from tocsin.notification.v1 import contact_pb2 as _contact_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AlertPreference(_message.Message):
    __slots__ = ("id", "method", "contact", "delay_min", "type")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[AlertPreference.Type]
        HIGH_PRIORITY: _ClassVar[AlertPreference.Type]
        LOW_PRIORITY: _ClassVar[AlertPreference.Type]
    TYPE_UNSPECIFIED: AlertPreference.Type
    HIGH_PRIORITY: AlertPreference.Type
    LOW_PRIORITY: AlertPreference.Type
    ID_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    DELAY_MIN_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    id: int
    method: _contact_pb2.Contact.Method
    contact: _contact_pb2.Contact
    delay_min: int
    type: AlertPreference.Type
    def __init__(self, id: _Optional[int] = ..., method: _Optional[_Union[_contact_pb2.Contact.Method, str]] = ..., contact: _Optional[_Union[_contact_pb2.Contact, _Mapping]] = ..., delay_min: _Optional[int] = ..., type: _Optional[_Union[AlertPreference.Type, str]] = ...) -> None: ...

class DutyPreference(_message.Message):
    __slots__ = ("id", "method", "contact", "before_min", "type")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[DutyPreference.Type]
        ON_CALL: _ClassVar[DutyPreference.Type]
    TYPE_UNSPECIFIED: DutyPreference.Type
    ON_CALL: DutyPreference.Type
    ID_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_MIN_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    id: int
    method: _contact_pb2.Contact.Method
    contact: _contact_pb2.Contact
    before_min: int
    type: DutyPreference.Type
    def __init__(self, id: _Optional[int] = ..., method: _Optional[_Union[_contact_pb2.Contact.Method, str]] = ..., contact: _Optional[_Union[_contact_pb2.Contact, _Mapping]] = ..., before_min: _Optional[int] = ..., type: _Optional[_Union[DutyPreference.Type, str]] = ...) -> None: ...

class UpdatePreference(_message.Message):
    __slots__ = ("id", "method", "contact", "type")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[UpdatePreference.Type]
        ALERT_ACCEPTED: _ClassVar[UpdatePreference.Type]
        ALERT_RESOLVED: _ClassVar[UpdatePreference.Type]
        ALERT_ESCALATED: _ClassVar[UpdatePreference.Type]
    TYPE_UNSPECIFIED: UpdatePreference.Type
    ALERT_ACCEPTED: UpdatePreference.Type
    ALERT_RESOLVED: UpdatePreference.Type
    ALERT_ESCALATED: UpdatePreference.Type
    ID_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    id: int
    method: _contact_pb2.Contact.Method
    contact: _contact_pb2.Contact
    type: UpdatePreference.Type
    def __init__(self, id: _Optional[int] = ..., method: _Optional[_Union[_contact_pb2.Contact.Method, str]] = ..., contact: _Optional[_Union[_contact_pb2.Contact, _Mapping]] = ..., type: _Optional[_Union[UpdatePreference.Type, str]] = ...) -> None: ...

class QuietHours(_message.Message):
    __slots__ = ("timezone", "start", "end", "days", "low_priority")
    class LowPriority(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        LOW_PRIORITY_UNSPECIFIED: _ClassVar[QuietHours.LowPriority]
        WAIT: _ClassVar[QuietHours.LowPriority]
        DROP: _ClassVar[QuietHours.LowPriority]
    LOW_PRIORITY_UNSPECIFIED: QuietHours.LowPriority
    WAIT: QuietHours.LowPriority
    DROP: QuietHours.LowPriority
    class Day(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        DAY_UNSPECIFIED: _ClassVar[QuietHours.Day]
        MONDAY: _ClassVar[QuietHours.Day]
        TUESDAY: _ClassVar[QuietHours.Day]
        WEDNESDAY: _ClassVar[QuietHours.Day]
        THURSDAY: _ClassVar[QuietHours.Day]
        FRIDAY: _ClassVar[QuietHours.Day]
        SATURDAY: _ClassVar[QuietHours.Day]
        SUNDAY: _ClassVar[QuietHours.Day]
    DAY_UNSPECIFIED: QuietHours.Day
    MONDAY: QuietHours.Day
    TUESDAY: QuietHours.Day
    WEDNESDAY: QuietHours.Day
    THURSDAY: QuietHours.Day
    FRIDAY: QuietHours.Day
    SATURDAY: QuietHours.Day
    SUNDAY: QuietHours.Day
    TIMEZONE_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    LOW_PRIORITY_FIELD_NUMBER: _ClassVar[int]
    timezone: str
    start: str
    end: str
    days: _containers.RepeatedScalarFieldContainer[QuietHours.Day]
    low_priority: QuietHours.LowPriority
    def __init__(self, timezone: _Optional[str] = ..., start: _Optional[str] = ..., end: _Optional[str] = ..., days: _Optional[_Iterable[_Union[QuietHours.Day, str]]] = ..., low_priority: _Optional[_Union[QuietHours.LowPriority, str]] = ...) -> None: ...

class Preferences(_message.Message):
    __slots__ = ("alerts", "duties", "updates", "quiet_hours")
    ALERTS_FIELD_NUMBER: _ClassVar[int]
    DUTIES_FIELD_NUMBER: _ClassVar[int]
    UPDATES_FIELD_NUMBER: _ClassVar[int]
    QUIET_HOURS_FIELD_NUMBER: _ClassVar[int]
    alerts: _containers.RepeatedCompositeFieldContainer[AlertPreference]
    duties: _containers.RepeatedCompositeFieldContainer[DutyPreference]
    updates: _containers.RepeatedCompositeFieldContainer[UpdatePreference]
    quiet_hours: QuietHours
    def __init__(self, alerts: _Optional[_Iterable[_Union[AlertPreference, _Mapping]]] = ..., duties: _Optional[_Iterable[_Union[DutyPreference, _Mapping]]] = ..., updates: _Optional[_Iterable[_Union[UpdatePreference, _Mapping]]] = ..., quiet_hours: _Optional[_Union[QuietHours, _Mapping]] = ...) -> None: ...

from google.api import annotations_pb2 as _annotations_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.notification.v1 import preference_pb2 as _preference_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateAlertPreferenceRequest(_message.Message):
    __slots__ = ("user_id", "alert_preference")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ALERT_PREFERENCE_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    alert_preference: _preference_pb2.AlertPreference
    def __init__(self, user_id: _Optional[int] = ..., alert_preference: _Optional[_Union[_preference_pb2.AlertPreference, _Mapping]] = ...) -> None: ...

class ListAlertPreferencesRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    def __init__(self, user_id: _Optional[int] = ...) -> None: ...

class ListAlertPreferencesResponse(_message.Message):
    __slots__ = ("alert_preferences",)
    ALERT_PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    alert_preferences: _containers.RepeatedCompositeFieldContainer[_preference_pb2.AlertPreference]
    def __init__(self, alert_preferences: _Optional[_Iterable[_Union[_preference_pb2.AlertPreference, _Mapping]]] = ...) -> None: ...

class GetAlertPreferenceRequest(_message.Message):
    __slots__ = ("user_id", "id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ...) -> None: ...

class UpdateAlertPreferenceRequest(_message.Message):
    __slots__ = ("user_id", "id", "alert_preference")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    ALERT_PREFERENCE_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    alert_preference: _preference_pb2.AlertPreference
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ..., alert_preference: _Optional[_Union[_preference_pb2.AlertPreference, _Mapping]] = ...) -> None: ...

class DeleteAlertPreferenceRequest(_message.Message):
    __slots__ = ("user_id", "id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ...) -> None: ...

class DeleteAlertPreferenceResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CreateDutyPreferenceRequest(_message.Message):
    __slots__ = ("user_id", "duty_preference")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    DUTY_PREFERENCE_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    duty_preference: _preference_pb2.DutyPreference
    def __init__(self, user_id: _Optional[int] = ..., duty_preference: _Optional[_Union[_preference_pb2.DutyPreference, _Mapping]] = ...) -> None: ...

class ListDutyPreferencesRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    def __init__(self, user_id: _Optional[int] = ...) -> None: ...

class ListDutyPreferencesResponse(_message.Message):
    __slots__ = ("duty_preferences",)
    DUTY_PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    duty_preferences: _containers.RepeatedCompositeFieldContainer[_preference_pb2.DutyPreference]
    def __init__(self, duty_preferences: _Optional[_Iterable[_Union[_preference_pb2.DutyPreference, _Mapping]]] = ...) -> None: ...

class GetDutyPreferenceRequest(_message.Message):
    __slots__ = ("user_id", "id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ...) -> None: ...

class UpdateDutyPreferenceRequest(_message.Message):
    __slots__ = ("user_id", "id", "duty_preference")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    DUTY_PREFERENCE_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    duty_preference: _preference_pb2.DutyPreference
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ..., duty_preference: _Optional[_Union[_preference_pb2.DutyPreference, _Mapping]] = ...) -> None: ...

class DeleteDutyPreferenceRequest(_message.Message):
    __slots__ = ("user_id", "id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ...) -> None: ...

class DeleteDutyPreferenceResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CreateUpdatePreferenceRequest(_message.Message):
    __slots__ = ("user_id", "update_preference")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    UPDATE_PREFERENCE_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    update_preference: _preference_pb2.UpdatePreference
    def __init__(self, user_id: _Optional[int] = ..., update_preference: _Optional[_Union[_preference_pb2.UpdatePreference, _Mapping]] = ...) -> None: ...

class ListUpdatePreferencesRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    def __init__(self, user_id: _Optional[int] = ...) -> None: ...

class ListUpdatePreferencesResponse(_message.Message):
    __slots__ = ("update_preferences",)
    UPDATE_PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    update_preferences: _containers.RepeatedCompositeFieldContainer[_preference_pb2.UpdatePreference]
    def __init__(self, update_preferences: _Optional[_Iterable[_Union[_preference_pb2.UpdatePreference, _Mapping]]] = ...) -> None: ...

class GetUpdatePreferenceRequest(_message.Message):
    __slots__ = ("user_id", "id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ...) -> None: ...

class UpdateUpdatePreferenceRequest(_message.Message):
    __slots__ = ("user_id", "id", "update_preference")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    UPDATE_PREFERENCE_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    update_preference: _preference_pb2.UpdatePreference
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ..., update_preference: _Optional[_Union[_preference_pb2.UpdatePreference, _Mapping]] = ...) -> None: ...

class DeleteUpdatePreferenceRequest(_message.Message):
    __slots__ = ("user_id", "id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    id: int
    def __init__(self, user_id: _Optional[int] = ..., id: _Optional[int] = ...) -> None: ...

class DeleteUpdatePreferenceResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

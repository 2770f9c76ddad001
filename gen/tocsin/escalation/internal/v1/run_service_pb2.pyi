from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.escalation.v1 import escalation_pb2 as _escalation_pb2
from tocsin.escalation.v1 import on_call_service_pb2 as _on_call_service_pb2
from tocsin.escalation.v1 import schedule_pb2 as _schedule_pb2
from tocsin.escalation.v1 import user_pb2 as _user_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AwaitRunRequest(_message.Message):
    __slots__ = ("key", "subject_version")
    KEY_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_VERSION_FIELD_NUMBER: _ClassVar[int]
    key: str
    subject_version: int
    def __init__(self, key: _Optional[str] = ..., subject_version: _Optional[int] = ...) -> None: ...

class FindOnCallRequest(_message.Message):
    __slots__ = ("schedule_id",)
    SCHEDULE_ID_FIELD_NUMBER: _ClassVar[int]
    schedule_id: int
    def __init__(self, schedule_id: _Optional[int] = ...) -> None: ...

class FindNextUsersRequest(_message.Message):
    __slots__ = ("keys",)
    KEYS_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, keys: _Optional[_Iterable[str]] = ...) -> None: ...

class FindNextUsersResponse(_message.Message):
    __slots__ = ("runs",)
    class Next(_message.Message):
        __slots__ = ("key", "users")
        KEY_FIELD_NUMBER: _ClassVar[int]
        USERS_FIELD_NUMBER: _ClassVar[int]
        key: str
        users: _containers.RepeatedCompositeFieldContainer[_user_pb2.User]
        def __init__(self, key: _Optional[str] = ..., users: _Optional[_Iterable[_Union[_user_pb2.User, _Mapping]]] = ...) -> None: ...
    RUNS_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[FindNextUsersResponse.Next]
    def __init__(self, runs: _Optional[_Iterable[_Union[FindNextUsersResponse.Next, _Mapping]]] = ...) -> None: ...

class FindPeopleRequest(_message.Message):
    __slots__ = ("policy_id",)
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    policy_id: int
    def __init__(self, policy_id: _Optional[int] = ...) -> None: ...

class FindPeopleResponse(_message.Message):
    __slots__ = ("user_ids",)
    USER_IDS_FIELD_NUMBER: _ClassVar[int]
    user_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, user_ids: _Optional[_Iterable[int]] = ...) -> None: ...

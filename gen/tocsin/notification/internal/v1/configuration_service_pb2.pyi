from tocsin.chassis.internal.v1 import caller_pb2 as _caller_pb2
from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.notification.v1 import contact_pb2 as _contact_pb2
from tocsin.notification.v1 import preference_pb2 as _preference_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PersonContacts(_message.Message):
    __slots__ = ("user_id", "contacts", "preferences")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    user_id: int
    contacts: _containers.RepeatedCompositeFieldContainer[_contact_pb2.Contact]
    preferences: _preference_pb2.Preferences
    def __init__(self, user_id: _Optional[int] = ..., contacts: _Optional[_Iterable[_Union[_contact_pb2.Contact, _Mapping]]] = ..., preferences: _Optional[_Union[_preference_pb2.Preferences, _Mapping]] = ...) -> None: ...

class ExportContactsRequest(_message.Message):
    __slots__ = ("caller",)
    CALLER_FIELD_NUMBER: _ClassVar[int]
    caller: _caller_pb2.Caller
    def __init__(self, caller: _Optional[_Union[_caller_pb2.Caller, _Mapping]] = ...) -> None: ...

class ExportContactsResponse(_message.Message):
    __slots__ = ("people", "digest")
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    people: _containers.RepeatedCompositeFieldContainer[PersonContacts]
    digest: str
    def __init__(self, people: _Optional[_Iterable[_Union[PersonContacts, _Mapping]]] = ..., digest: _Optional[str] = ...) -> None: ...

class ApplyContactsRequest(_message.Message):
    __slots__ = ("caller", "digest", "people", "dry_run", "coming_users")
    CALLER_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    COMING_USERS_FIELD_NUMBER: _ClassVar[int]
    caller: _caller_pb2.Caller
    digest: str
    people: _containers.RepeatedCompositeFieldContainer[PersonContacts]
    dry_run: bool
    coming_users: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, caller: _Optional[_Union[_caller_pb2.Caller, _Mapping]] = ..., digest: _Optional[str] = ..., people: _Optional[_Iterable[_Union[PersonContacts, _Mapping]]] = ..., dry_run: bool = ..., coming_users: _Optional[_Iterable[int]] = ...) -> None: ...

class ApplyContactsResponse(_message.Message):
    __slots__ = ("problems", "people")
    class Problem(_message.Message):
        __slots__ = ("person", "contact", "field", "message", "forbidden")
        PERSON_FIELD_NUMBER: _ClassVar[int]
        CONTACT_FIELD_NUMBER: _ClassVar[int]
        FIELD_FIELD_NUMBER: _ClassVar[int]
        MESSAGE_FIELD_NUMBER: _ClassVar[int]
        FORBIDDEN_FIELD_NUMBER: _ClassVar[int]
        person: int
        contact: int
        field: str
        message: str
        forbidden: bool
        def __init__(self, person: _Optional[int] = ..., contact: _Optional[int] = ..., field: _Optional[str] = ..., message: _Optional[str] = ..., forbidden: bool = ...) -> None: ...
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    problems: _containers.RepeatedCompositeFieldContainer[ApplyContactsResponse.Problem]
    people: _containers.RepeatedCompositeFieldContainer[PersonContacts]
    def __init__(self, problems: _Optional[_Iterable[_Union[ApplyContactsResponse.Problem, _Mapping]]] = ..., people: _Optional[_Iterable[_Union[PersonContacts, _Mapping]]] = ...) -> None: ...

class RevertContactsRequest(_message.Message):
    __slots__ = ("caller", "people", "asked")
    CALLER_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    ASKED_FIELD_NUMBER: _ClassVar[int]
    caller: _caller_pb2.Caller
    people: _containers.RepeatedCompositeFieldContainer[PersonContacts]
    asked: _containers.RepeatedCompositeFieldContainer[PersonContacts]
    def __init__(self, caller: _Optional[_Union[_caller_pb2.Caller, _Mapping]] = ..., people: _Optional[_Iterable[_Union[PersonContacts, _Mapping]]] = ..., asked: _Optional[_Iterable[_Union[PersonContacts, _Mapping]]] = ...) -> None: ...

class RevertContactsResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

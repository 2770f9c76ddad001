from tocsin.edge.v1 import options_pb2 as _options_pb2
from tocsin.notification.v1 import contact_pb2 as _contact_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FindWaysRequest(_message.Message):
    __slots__ = ("user_ids",)
    USER_IDS_FIELD_NUMBER: _ClassVar[int]
    user_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, user_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class FindWaysResponse(_message.Message):
    __slots__ = ("people", "public_url")
    class Person(_message.Message):
        __slots__ = ("user_id", "contacts")
        USER_ID_FIELD_NUMBER: _ClassVar[int]
        CONTACTS_FIELD_NUMBER: _ClassVar[int]
        user_id: int
        contacts: _containers.RepeatedCompositeFieldContainer[_contact_pb2.Contact]
        def __init__(self, user_id: _Optional[int] = ..., contacts: _Optional[_Iterable[_Union[_contact_pb2.Contact, _Mapping]]] = ...) -> None: ...
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_URL_FIELD_NUMBER: _ClassVar[int]
    people: _containers.RepeatedCompositeFieldContainer[FindWaysResponse.Person]
    public_url: str
    def __init__(self, people: _Optional[_Iterable[_Union[FindWaysResponse.Person, _Mapping]]] = ..., public_url: _Optional[str] = ...) -> None: ...

from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Actor(_message.Message):
    __slots__ = ("kind", "id", "user_id", "name")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Actor.Kind]
        USER: _ClassVar[Actor.Kind]
        TOKEN: _ClassVar[Actor.Kind]
        SOURCE: _ClassVar[Actor.Kind]
        MESSAGE_LINK: _ClassVar[Actor.Kind]
        SERVICE: _ClassVar[Actor.Kind]
        SYSTEM: _ClassVar[Actor.Kind]
    KIND_UNSPECIFIED: Actor.Kind
    USER: Actor.Kind
    TOKEN: Actor.Kind
    SOURCE: Actor.Kind
    MESSAGE_LINK: Actor.Kind
    SERVICE: Actor.Kind
    SYSTEM: Actor.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    kind: Actor.Kind
    id: str
    user_id: int
    name: str
    def __init__(self, kind: _Optional[_Union[Actor.Kind, str]] = ..., id: _Optional[str] = ..., user_id: _Optional[int] = ..., name: _Optional[str] = ...) -> None: ...

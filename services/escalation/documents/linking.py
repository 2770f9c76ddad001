"""From names to ids: what a record of a document refers to is looked up.

What its reader does not see has no name, and stands there by its id alone.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from google.protobuf.message import Message

from services.escalation.documents.names import KINDS, Named, Names, called
from services.escalation.documents.problems import Problem, joined
from tocsin.escalation.v1.user_pb2 import User

R = TypeVar("R", bound=Message)


def linked(record: R, place: str, names: Names, problems: list[Problem]) -> R:
    """Returns a record with the ids of what it refers to instead of names.

    Adds a problem for each name that is nobody's, or that of several.
    """
    told = type(record)()
    told.CopyFrom(record)
    _link(told, place, names, problems)
    return told


def found(what: Named, place: str, names: Names, problems: list[Problem]) -> int | None:
    """Returns the id of what is meant; None, with a problem, if nothing is."""
    kind, name = KINDS[type(what)], called(what)
    if not name:
        if what.id:
            return what.id
        how = "an email" if isinstance(what, User) else "a name"
        problems.append(Problem(place, f"has to be named by {how}"))
        return None
    ids = names.find(kind, name)
    if not ids:
        problems.append(Problem(place, f"there is no {kind} {name}"))
    elif len(ids) > 1:
        some = ", ".join(map(str, ids))
        problems.append(Problem(place, f"several are the {kind} {name}: {some}"))
    return ids[0] if len(ids) == 1 else None


def _link(message: Message, place: str, names: Names, problems: list[Problem]) -> None:
    for name, value in parts(message):
        where = joined(place, name)
        if isinstance(value, Named):
            id_ = found(value, where, names, problems)
            value.Clear()
            value.id = id_ or 0
        else:
            _link(value, where, names, problems)


def parts(message: Message) -> Iterator[tuple[str, Message]]:
    """Yields the messages that are directly in a message, each with its place there."""
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        if isinstance(value, Message):
            yield field.json_name, value
        else:
            yield from _numbered(field.json_name, value)


def _numbered(name: str, values: Iterable[Message]) -> Iterator[tuple[str, Message]]:
    for index, value in enumerate(values):
        yield f"{name}[{index}]", value

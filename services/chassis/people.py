"""What people are called, wherever they are told of."""

from typing import Protocol


class Person(Protocol):
    """Somebody, as messages tell of them; a part of the name may be missing."""

    id: int
    first_name: str
    last_name: str


def full_name(person: Person) -> str:
    """Returns a person's first and last name, as far as they are known."""
    return f"{person.first_name} {person.last_name}".strip()


def called(person: Person) -> str:
    """Returns a person's name, or what tells apart those whose name nobody knows."""
    return full_name(person) or f"user {person.id}"

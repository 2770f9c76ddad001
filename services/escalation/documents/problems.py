"""What is wrong with a document, each fault with its place."""

from dataclasses import dataclass

from services.chassis.errors import InvalidRequest, TocsinError

#: How many problems are told at once.
MOST_TOLD = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of a document."""

    place: str  # like escalationPolicies[3].escalationRules[0].users[1]
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.why}" if self.place else self.why


class Unresolved(InvalidRequest):
    """A document that cannot be made true, with all that is wrong with it."""

    reason = "CONFIGURATION_REFUSED"

    def __init__(self, problems: list[Problem]) -> None:
        """Tells the first problems in its message; a message has room for few."""
        super().__init__("; ".join(map(str, problems)), field=problems[0].place or None)
        self.problems = problems


def of_error(place: str, error: TocsinError) -> Problem:
    """Returns the problem that a record in a place could not be recorded for."""
    head, _, why = error.message.partition(" ")
    field = head.removesuffix(":")
    if not error.field or not field.startswith(error.field):
        return Problem(joined(place, error.field or ""), error.message)
    return Problem(joined(place, field.removesuffix(",")), why)


def joined(place: str, field: str) -> str:
    """Returns the place of a field of what is in a place."""
    return ".".join(filter(None, (place, field)))

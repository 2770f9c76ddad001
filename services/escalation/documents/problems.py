"""What is wrong with a document, each fault with its place."""

from dataclasses import dataclass

from services.chassis.errors import Forbidden, InvalidRequest, TocsinError

#: How many problems are told at once.
MOST_TOLD = 100
MOST_IN_MESSAGE = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of a document."""

    place: str  # like escalationPolicies[3].escalationRules[0].users[1]
    why: str
    forbidden: bool = False  # to this caller

    def __str__(self) -> str:
        return f"{self.place}: {self.why}" if self.place else self.why


class Unresolved(InvalidRequest):
    """A document that cannot be made true, with all that is wrong with it."""

    reason = "CONFIGURATION_REFUSED"

    def __init__(self, problems: list[Problem]) -> None:
        """Tells the first problems in its message; a message has room for few."""
        told = "; ".join(map(str, problems[:MOST_IN_MESSAGE]))
        more = len(problems) - MOST_IN_MESSAGE
        rest = f"; and {more} more, which a dry run tells" if more > 0 else ""
        super().__init__(f"{told}{rest}", field=problems[0].place or None)
        self.problems = problems

    def refusal(self) -> TocsinError:
        """Returns what a caller is told who wanted it done."""
        if all(problem.forbidden for problem in self.problems):
            return Forbidden(self.message, reason="TEAM_MEMBERS_ONLY", field=self.field)
        return InvalidRequest(self.message, reason=self.code, field=self.field)


def of_error(place: str, error: TocsinError) -> Problem:
    """Returns the problem that a record in a place could not be recorded for."""
    forbidden = isinstance(error, Forbidden)
    return told(place, error.field or "", error.message, forbidden=forbidden)


def told(place: str, field: str, message: str, *, forbidden: bool = False) -> Problem:
    """Returns the problem with a field of what is in a place.

    Messages begin with their field, which the place says already.
    """
    head, _, why = message.partition(" ")
    exactly = head.removesuffix(":").removesuffix(",")
    if not field or not exactly.startswith(field):
        return Problem(joined(place, field), message, forbidden)
    return Problem(joined(place, exactly), why, forbidden)


def joined(place: str, field: str) -> str:
    """Returns the place of a field of what is in a place."""
    return ".".join(filter(None, (place, field)))

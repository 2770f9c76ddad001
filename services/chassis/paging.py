"""Pages of lists, by the contract's rule: out of bounds is refused, never clamped."""

from dataclasses import dataclass
from typing import Protocol

from services.chassis.errors import InvalidRequest


class PageRequest(Protocol):
    """The fields by which every list is paged."""

    @property
    def start_index(self) -> int:
        """How many to skip."""

    @property
    def max_results(self) -> int:
        """The most to return."""

    def HasField(self, field_name: str, /) -> bool:  # noqa: N802 # protobuf's word
        """Tells whether a field was sent."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list."""

    offset: int
    limit: int


def page(request: PageRequest, *, default: int, most: int) -> Page:
    """Returns the page that a request asks for. Raises InvalidRequest naming the field."""
    limit = request.max_results if request.HasField("max_results") else default
    for number, name in ((request.start_index, "start-index"), (limit, "max-results")):
        if number < 0:
            raise InvalidRequest(f"'{name}' must not be negative", field=name)
    if limit > most:  # in words from which one of the vendor's clients reads the number
        raise InvalidRequest(f"'max-results' must not be above {most}", field="max-results")
    return Page(offset=request.start_index, limit=limit)

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
    if request.start_index < 0:
        raise InvalidRequest("start-index must be 0 or more", field="start-index")
    if not 0 <= limit <= most:
        raise InvalidRequest(f"max-results must be 0 to {most}", field="max-results")
    return Page(offset=request.start_index, limit=limit)

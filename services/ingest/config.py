"""What differs between one deployment of ingest and another."""

from pydantic import Field, field_validator

from services.chassis import config
from services.ingest.domain.integrations import INTEGRATION_TYPES
from services.ingest.domain.limits import MOST, Defaults


class Config(config.Config, frozen=True):
    """Ingest's part of the environment."""

    #: How many events a minute are taken from a source that has no limit of its own.
    events_per_minute: int = Field(default=1200, ge=1, le=MOST)
    #: The same for types of source, as `type=number` pairs, comma-separated; the vendors' own
    #: figures are `API=50,INCIDENT_IO_HTTP=120`.
    events_per_minute_of_types: str = ""

    @field_validator("events_per_minute_of_types")
    @classmethod
    def _check_types(cls, text: str) -> str:
        _of_types(text)
        return text

    def limits(self) -> Defaults:
        """Returns the limits of sources that say nothing of their own."""
        return Defaults(self.events_per_minute, _of_types(self.events_per_minute_of_types))


def _of_types(text: str) -> dict[str, int]:
    found = {}
    for pair in filter(None, text.split(",")):
        type_, _, number = pair.strip().partition("=")
        if type_ not in INTEGRATION_TYPES or not number.isdecimal() or not 1 <= int(number) <= MOST:
            raise ValueError(f"{pair} is no type of source with a number from 1 to {MOST}")
        found[type_] = int(number)
    return found

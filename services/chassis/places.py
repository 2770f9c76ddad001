"""Where records are in use, in words, so that none is deleted from under another."""

from collections.abc import Iterable

from services.chassis.errors import WrongState

MOST_PLACES = 20


def place(kind: str, id_: int, name: str) -> str:
    """Returns how a place is told: "escalation policy 7 (Ops)"."""
    return f"{kind} {id_} ({name})"


def refuse_if_used(what: str, places: Iterable[str]) -> None:
    """Raises WrongState with the list of places where something is in use, if there are any."""
    found = list(places)
    if not found:
        return
    more = f" and {len(found) - MOST_PLACES} more" if len(found) > MOST_PLACES else ""
    raise WrongState(f"{what} is in use by {', '.join(found[:MOST_PLACES])}{more}", reason="IN_USE")

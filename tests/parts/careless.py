"""A body with several alerts, written by somebody careless."""

from collections.abc import Sequence

from services.ingest.dialects.fields import LONGEST_SHARED_REPAIR, MOST_SHARED_REPAIRS

LONG = "n" * 9000


def careless(alerts: str) -> bytes:
    """Returns a body around a JSON list of alerts, with more to repair than is listed."""
    numbers = "".join(f', "{LONG}{number}": 1e999' for number in range(20))
    members = f'"alerts": {alerts}, "x": "\\ud83d", "y": "\x07"{numbers}'
    return f"\ufeff{{{members}}}".encode()


def assert_listed(repairs: Sequence[str]) -> None:
    """Checks that the repairs of such a body are there, the first of them and not too long."""
    assert repairs[:3] == (
        "body: byte order mark dropped",
        "x: half surrogate pairs replaced",
        "y: raw control characters in a string",
    )
    assert (len(repairs), repairs[-1]) == (MOST_SHARED_REPAIRS + 1, "and 13 more")
    assert max(map(len, repairs)) == LONGEST_SHARED_REPAIR

"""The header by which callers narrow lists down to a team."""

import re
from typing import TypeAlias

from services.chassis.context import Context
from services.chassis.errors import InvalidRequest
from services.chassis.principal import caller

HEADERS = ("team-context", "x-team-context")  # the older name last
ALL, MINE = 0, -1
LARGEST_ID = 2**31 - 1
_NUMBER = re.compile(r"-1|[0-9]{1,10}")

#: The teams whose records are asked for; None for all records, whoever they belong to.
Teams: TypeAlias = frozenset[int] | None


def wanted_teams(context: Context) -> Teams:
    """Returns the teams whose records are asked for.

    Raises InvalidRequest if the header is no number that means anything.
    """
    told = {str(key): str(value) for key, value in context.invocation_metadata() or ()}
    said = next((told[header] for header in HEADERS if header in told), str(ALL))
    number = int(said) if _NUMBER.fullmatch(said) else LARGEST_ID + 1
    if number > LARGEST_ID:
        raise InvalidRequest(
            f"{HEADERS[0]} must be 0 for all, -1 for the caller's teams, or a team's id",
            field=HEADERS[0],
        )
    if number == ALL:
        return None
    return caller().teams if number == MINE else frozenset({number})

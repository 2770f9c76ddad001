"""Finds what people want to be told besides pages."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.notification.domain.hearing import Wish
from services.notification.domain.news import What


def preferences_of(
    connection: Connection,
    now: datetime,
    user_ids: Collection[int] | None,
    whats: Collection[What],
) -> Sequence[Wish]:
    """Returns what those people, or everybody if it is None, want to be told, by which contacts."""
    return ()

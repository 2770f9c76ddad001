"""Calendar feeds as protobuf messages."""

from collections.abc import Mapping

from services.escalation.domain.feeds import Feed
from services.escalation.domain.users import User
from services.escalation.wire.schedules import person
from tocsin.escalation.v1 import calendar_feed_pb2


def feed(known: Feed, users: Mapping[int, User]) -> calendar_feed_pb2.CalendarFeed:
    """Renders a feed, without its secret."""
    return calendar_feed_pb2.CalendarFeed(
        id=known.id,
        schedule_id=known.schedule_id,
        user=person(known.user_id, users) if known.user_id else None,
        created_at=known.created_at,
        creator=known.creator,
    )

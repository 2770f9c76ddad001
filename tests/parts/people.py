"""People as Escalation keeps them, with what a test does not care about."""

from datetime import datetime

from services.escalation.domain.users import Role, User


def person(id_: int, at: datetime, *, name: str = "Ada", timezone: str = "UTC") -> User:
    """Returns somebody who was recorded at a time; the address follows from the first name."""
    return User(
        id=id_,
        first_name=name,
        last_name="L",
        email=f"{name}@example.com",
        timezone=timezone,
        role=Role.USER,
        created_at=at,
        updated_at=at,
    )

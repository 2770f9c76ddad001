"""A small document of configuration, in which everything refers to something."""

from typing import Any

ADA = {"firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com"}
BOB = {"firstName": "Bob", "lastName": "Bell", "email": "bob@example.com"}
LAYER = {
    "name": "Days",
    "startsOn": "2026-01-05T09:00",
    "rotation": "P1W",
    "users": [{"email": "ADA@example.com"}, {"email": "bob@example.com"}],
}
WHOLE: Any = {
    "users": [ADA, BOB],
    "teams": [{"name": "Core", "members": [{"user": {"email": "bob@example.com"}}]}],
    "schedules": [
        {
            "schedule": {
                "name": "Day",
                "timezone": "Europe/Berlin",
                "type": "RECURRING",
                "scheduleLayers": [LAYER],
                "teams": [{"name": "core"}],
            },
            "overrides": [
                {
                    "user": {"email": "bob@example.com"},
                    "start": "2030-04-01T07:00:00Z",
                    "end": "2030-04-01T15:00:00Z",
                }
            ],
        }
    ],
    "supportHours": [
        {
            "name": "Office",
            "timezone": "UTC",
            "supportDays": {"MONDAY": {"start": "09:00", "end": "17:00"}},
        }
    ],
    "escalationPolicies": [
        {
            "name": "Databases",
            "escalationRules": [
                {"escalationTimeout": 5, "schedules": [{"name": "Day"}]},
                {"escalationTimeout": 0, "teams": [{"name": "Core"}]},
            ],
        }
    ],
}


def policy(name: str, *emails: str, **more: Any) -> Any:
    """Returns a policy of one level."""
    users = [{"email": email} for email in emails]
    return {"name": name, "escalationRules": [{"escalationTimeout": 5, "users": users}], **more}

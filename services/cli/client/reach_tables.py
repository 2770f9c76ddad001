"""How people are reached, as tables."""

from collections.abc import Sequence

from services.cli.client.showing import BLANK, done, table, word
from tocsin.notification.v1.contact_pb2 import Contact
from tocsin.notification.v1.preference_pb2 import AlertPreference, QuietHours


def contacts(found: Sequence[Contact]) -> None:
    """Prints contacts as a table."""
    rows = (
        (
            str(each.id),
            word(Contact.Method, each.method),
            each.target or BLANK,
            each.name or BLANK,
            "not verified" if each.status == Contact.LOCKED else "",
        )
        for each in found
    )
    table(("ID", "KIND", "TARGET", "NAME", ""), rows, wide="TARGET")


def rules(found: Sequence[AlertPreference]) -> None:
    """Prints rules about alerts as a table."""
    rows = (
        (
            str(each.id),
            word(AlertPreference.Type, each.type).removesuffix("_PRIORITY"),
            f"after {each.delay_min} min" if each.delay_min else "at once",
            word(Contact.Method, each.method),
            _contact(each),
        )
        for each in found
    )
    table(("ID", "PRIORITY", "WHEN", "BY", "CONTACT"), rows, wide="CONTACT")


def quiet_hours(hours: QuietHours) -> None:
    """Prints quiet hours in a line."""
    days = ", ".join(word(QuietHours.Day, day).capitalize() for day in hours.days) or "every day"
    drops = hours.low_priority == QuietHours.DROP
    what = "is not sent" if drops else "waits"
    done(f"quiet {days} {hours.start} to {hours.end} ({hours.timezone}): LOW {what}")


def _contact(rule: AlertPreference) -> str:
    if not rule.HasField("contact"):
        return "all that fit"
    return f"{rule.contact.id} ({rule.contact.name or rule.contact.target})"

"""Which services may run without the others, and why the rest may not."""

from collections.abc import Mapping

from services.cli.settings import CannotStart

INGEST = "ingest"
SERVICES = ("ingest", "alertstate", "escalation", "notification")
#: What each service cannot do without, and what for.
NEEDS: Mapping[str, Mapping[str, str]] = {
    "ingest": {
        "alertstate": "makes alerts of its events",
        "escalation": "knows people, tokens and policies",
        "notification": "tells people",
    },
    "alertstate": {
        "ingest": "knows alert sources",
        "escalation": "knows people, tokens and policies",
        "notification": "tells people",
    },
    "escalation": {"notification": "tells people"},
    "notification": {"escalation": "knows people and tokens, and whom to tell what"},
}


def chosen(text: str) -> tuple[str, ...]:
    """Reads a comma-separated choice of services; all of them when empty. Raises CannotStart."""
    if not text:
        return SERVICES
    named = {name.strip() for name in text.split(",")}
    if unknown := sorted(named - set(SERVICES)):
        raise CannotStart(
            f"--only names {unknown[0]!r}, which is no service: choose from {', '.join(SERVICES)}"
        )
    for name in SERVICES:
        missing = [each for each in NEEDS[name] if each not in named] if name in named else []
        if missing:
            why = ", ".join(f"{each}, which {NEEDS[name][each]}" for each in missing)
            raise CannotStart(
                f"--only {text}: {name} cannot work without {why}; what works is"
                " --only escalation,notification, or all (without --only)"
            )
    return tuple(name for name in SERVICES if name in named)

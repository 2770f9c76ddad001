"""How large an event and its parts may be, in every dialect.

Limits of our own, where the vendors name none: a summary has 255 characters, the whole of a
longer one is kept in the details; of a key with more than 255, a sum takes the end's place.
"""

import hashlib
from dataclasses import replace

from services.chassis import texts
from services.chassis.errors import InvalidRequest, TooLarge
from services.ingest.dialects.fields import Fields
from services.ingest.domain.events import Event, match_key

LARGEST_BODY = 512 * 1024
LONGEST_SUMMARY = 255
LONGEST_KEY = 255
#: An event must fit into a published message, however its custom details grow when they are
#: written out (1e9 becomes 1000000000.0).
MOST_WRITTEN = 640 * 1024

MEDIA_TYPE = "application/json"


def check_body(size: int, content_type: str) -> None:
    """Raises TooLarge if a body has more bytes than are ever taken, InvalidRequest if no JSON."""
    check_size(size)
    media_type = content_type.partition(";")[0].strip().lower()
    if size and media_type not in ("", MEDIA_TYPE):
        told = f"the content type must be {MEDIA_TYPE}"
        raise InvalidRequest(told, reason="UNSUPPORTED_MEDIA_TYPE", http_status=415)


def check_size(size: int) -> None:
    """Raises TooLarge if an event has more bytes than are ever taken."""
    if size > LARGEST_BODY:
        told = f"an event may have {LARGEST_BODY // 1024} KiB at most"
        raise TooLarge(told, http_status=413)


def summary_and_details(
    fields: Fields, summary: str, details: str, *, name: str = "summary"
) -> tuple[str, str]:
    """Returns both, with the whole of a summary that is too long in the details.

    `name` is what the dialect calls the summary.
    """
    summary = texts.one_line(summary)
    if len(summary) <= LONGEST_SUMMARY:
        return summary, details
    fields.repaired(name, f"shortened to {LONGEST_SUMMARY} characters, the whole is in details")
    whole = f"{summary}\n\n{details}" if details else summary
    return f"{summary[: LONGEST_SUMMARY - 1]}…", whole


def key(fields: Fields, said: str, *, name: str) -> str:
    """Returns an alert key that is not too long; `name` is what the dialect calls it."""
    if len(said) <= LONGEST_KEY:
        return said
    fields.repaired(name, f"shortened to {LONGEST_KEY} characters")
    told_apart_by = hashlib.sha256(match_key(said).encode()).hexdigest()
    return f"{said.strip()[: LONGEST_KEY - len(told_apart_by)]}{told_apart_by}"


def publishable(fields: Fields, event: Event, *, name: str) -> Event:
    """Returns an event that fits into a message; `name` is what the dialect calls the details."""
    if _size(event) <= MOST_WRITTEN:
        return event
    fields.repaired(name, "too large once written out, the event log has them")
    return replace(event, custom_details=b"")


def _size(event: Event) -> int:
    texts = [event.summary, event.details, event.alert_key, *event.routing_keys]
    for image in event.images:
        texts += [image.src, image.href or "", image.alt or ""]
    for link in event.links:
        texts += [link.href, link.text or ""]
    for comment in event.comments:
        texts += [comment.content, comment.creator]
    for name, value in event.labels.items():
        texts += [name, value]
    return len(event.custom_details) + sum(len(each.encode()) for each in texts)

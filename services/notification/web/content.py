"""What there is to show of an alert, or of another subject, in the form that templates show."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from markupsafe import Markup

from services.notification.domain.values import Intent
from services.notification.markdown import rendered
from services.notification.web.replies import image_source, shown_images
from tocsin.alertstate.v1 import alert_pb2

#: What is shown of custom details: so many members, each so long at most.
MOST_MEMBERS = 100
LONGEST_VALUE = 8000
#: Of comments, so much is read as markdown; more is shown as it was written.
MOST_MARKDOWN = 64 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look; without an address, it is text."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image; one that cannot be shown is a link."""

    src: str
    alt: str
    href: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Member:
    """One of the custom details; of several lines if it is a `block`."""

    name: str
    value: str
    block: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said."""

    by: str
    at: datetime
    html: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """All that a subject tells about itself."""

    details: Markup
    links: Sequence[Place]
    pictures: Sequence[Picture] = ()
    members: Sequence[Member] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    comments: Sequence[Said] = ()

    @property
    def shown(self) -> list[str]:
        """The addresses of the images that the page loads."""
        return [picture.src for picture in self.pictures if picture.shown]


def of_alert(alert: alert_pb2.Alert, comments: Iterable[alert_pb2.Comment] = ()) -> Content:
    """Returns what an alert tells, and what was said about it. It may take a moment."""
    return Content(
        details=markdown(alert.details),
        links=[place(link.text, link.href) for link in alert.links],
        pictures=_pictures(alert.images),
        members=_members(alert.custom_details) if alert.HasField("custom_details") else (),
        labels=dict(sorted(alert.labels.items())),
        comments=_comments(comments),
    )


def of_intent(intent: Intent) -> Content:
    """Returns what a page told of its subject."""
    links = [place(link.text, link.href) for link in intent.links]
    return Content(details=markdown(intent.details), links=links)


def markdown(text: str) -> Markup:
    """Returns what others wrote as HTML that does nothing; empty for nothing."""
    return Markup(rendered(text)) if text.strip() else Markup()


def place(text: str, href: str) -> Place:
    """Returns where a link leads, if that is an address of the web."""
    if not is_address(href):
        return Place(text or href)
    return Place(text or href, href)


def is_address(href: str) -> bool:
    """Tells whether something is an address of the web."""
    try:
        parts = urlsplit(href)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _comments(said: Iterable[alert_pb2.Comment]) -> list[Said]:
    left, found = MOST_MARKDOWN, []
    for each in said:
        left -= len(each.content)
        html = markdown(each.content) if left >= 0 else Markup("<p>{}</p>").format(each.content)
        found.append(Said(each.creator, each.created.ToDatetime(UTC), html))
    return found


def _pictures(images: Iterable[Any]) -> list[Picture]:
    addresses = [image.src for image in images]
    allowed = set(shown_images(addresses))
    return [
        Picture(
            src=image.src if is_address(image.src) else "",
            alt=image.alt,
            href=image.href if is_address(image.href) else "",
            shown=image_source(image.src) in allowed,
        )
        for image in images
    ]


def _members(details: Struct) -> list[Member]:
    told = json_format.MessageToDict(details)
    return [_member(name, value) for name, value in list(sorted(told.items()))[:MOST_MEMBERS]]


def _member(name: str, value: object) -> Member:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    plain = isinstance(value, str)
    text = str(value) if plain else json.dumps(value, ensure_ascii=False, indent=2)
    if len(text) > LONGEST_VALUE:
        text = text[: LONGEST_VALUE - 1] + "…"
    return Member(name, text, "\n" in text)

"""What somebody is paged about, and who causes what."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from services.chassis.errors import InvalidRequest
from services.chassis.texts import clean
from services.escalation.domain.checks import line

ALERT = "alert"
_KIND = re.compile(r"[a-z][a-z0-9_-]*")


class Priority(StrEnum):
    """How loudly to tell."""

    HIGH = "HIGH"  # along the whole policy
    LOW = "LOW"  # the first level only


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused something."""

    kind: str
    id: str = ""
    user_id: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Where to look."""

    href: str
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What somebody is to be paged about."""

    kind: str
    id: str
    title: str
    episode: int = 1
    details: str = ""
    links: tuple[Link, ...] = ()
    priority: Priority = Priority.HIGH

    @property
    def key(self) -> str:
        """What names the run of this subject's episode."""
        return f"{self.kind}:{self.id}:{self.episode}"


def checked(subject: Subject) -> Subject:
    """Returns a subject that a program may page about, without control characters.

    Raises InvalidRequest naming the field.
    """
    if not _KIND.fullmatch(line(subject.kind, "subject.kind")):
        raise InvalidRequest(
            "subject.kind must be lower-case letters, digits, - and _", field="subject.kind"
        )
    if subject.kind == ALERT:
        raise InvalidRequest(
            'subject.kind "alert" is Tocsin\'s own: send an event instead', field="subject.kind"
        )
    line(subject.id, "subject.id")
    title = clean(subject.title)
    if not title.strip():
        raise InvalidRequest("subject.title must not be empty", field="subject.title")
    if subject.episode < 1:
        raise InvalidRequest("subject.episode must be 1 or more", field="subject.episode")
    links = tuple(
        Link(clean(link.href), None if link.text is None else clean(link.text))
        for link in subject.links
    )
    return replace(subject, title=title, details=clean(subject.details), links=links)

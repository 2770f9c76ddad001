"""What comes with an event beside its text, as most dialects tell it."""

from services.ingest.dialects.fields import Fields
from services.ingest.domain.events import EventType, Image, Link

MOST_LABELS = 100
#: How bad the words of monitoring tools are: 1 is the worst.
SEVERITY_OF = {"critical": 1, "error": 2, "warning": 3, "info": 4}
#: What the statuses of tools that say whether something is firing are as events.
TYPES = {"firing": EventType.ALERT, "resolved": EventType.RESOLVE}


def images(fields: Fields) -> tuple[Image, ...]:
    """Returns the pictures in the field `images`; one without an address is dropped."""
    found = []
    for image in fields.objects("images"):
        src = image.address("src")
        if src is None:
            image.repaired("src", "missing, so the image was dropped")
            continue
        found.append(Image(src=src, href=image.address("href"), alt=image.optional("alt")))
    return tuple(found)


def links(fields: Fields) -> tuple[Link, ...]:
    """Returns the links in the field `links`; one without an address is dropped."""
    found = []
    for link in fields.objects("links"):
        href = link.address("href")
        if href is None:
            link.repaired("href", "missing, so the link was dropped")
            continue
        found.append(Link(href=href, text=link.optional("text")))
    return tuple(found)


def labels(fields: Fields, name: str = "labels") -> dict[str, str]:
    """Returns the labels in a field, the first of them if there are many."""
    found = list(fields.texts(name).items())
    if len(found) > MOST_LABELS:
        fields.repaired(name, f"only the first {MOST_LABELS} count")
    return dict(found[:MOST_LABELS])

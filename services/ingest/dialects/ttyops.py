"""ttyops' alerts, several in a body: each is refused or repaired alone.

Alertmanager's body passes as it is. A text may stand at an alert's root, among its labels or, if
it is the title, among its annotations: the first place that has it counts. A repeat of a
fingerprint changes what the alert tells.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from services.chassis import texts
from services.chassis.errors import InvalidRequest
from services.ingest.dialects import bounds, content, json_text, several
from services.ingest.dialects.fields import Fields, shared_repairs
from services.ingest.dialects.json_text import Document
from services.ingest.domain.events import Event, EventType, Link, Repeat

MOST_LABELS = 100
LONGEST_NAMED = 60
WARNING, CRITICAL = "warning", "critical"
#: How bad the words are among 1 (the worst) to 5.
SEVERITIES = {CRITICAL: 1, WARNING: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alert of a body: what it says, or why it is refused."""

    index: int
    raw: bytes
    service: str = ""
    event: Event | None = None
    refusal: InvalidRequest | None = None


def read(body: bytes, content_type: str, made_up: Callable[[], str]) -> list[Told]:
    """Returns the alerts in a body; `made_up` gives a key to one that was raised by hand.

    Raises TooLarge, and InvalidRequest if the body is no JSON object with a list of alerts.
    """
    bounds.check_body(len(body), content_type)
    document = json_text.read(body, ("alerts",))
    repairs = shared_repairs(document)
    sent = enumerate(several.alerts(document))
    found = [_with(_told(index, *item, made_up), repairs) for index, item in sent]
    return [replace(found[0], raw=body)] if len(found) == 1 else found


def unknown_service(told: Told, known: Sequence[str]) -> InvalidRequest:
    """Returns the refusal of an alert whose service there is not, naming those that there are."""
    listed = ", ".join(each[:LONGEST_NAMED] for each in known)
    those = f"those known are {listed}" if known else "none is known"
    name = _name(told.index, "service")
    service = told.service[:LONGEST_NAMED]
    message = f"{name}: there is no service {service}; {those}"
    return InvalidRequest(message, reason="UNKNOWN_SERVICE", field=name)


def _told(index: int, raw: bytes, item: Document | None, made_up: Callable[[], str]) -> Told:
    try:
        if item is None:
            why = f"alerts[{index}] must be an object"
            raise InvalidRequest(why, field=f"alerts[{index}]")
        alert = _Alert(index, Fields(item))
        return Told(index=index, raw=raw, service=alert.service(), event=alert.event(made_up))
    except InvalidRequest as refusal:
        return Told(index=index, raw=raw, refusal=refusal)


def _with(told: Told, repairs: tuple[str, ...]) -> Told:
    """Returns an alert with what was repaired in the body that it came in."""
    if told.event is None or not repairs:
        return told
    return replace(told, event=replace(told.event, repairs=(*told.event.repairs, *repairs)))


class _Alert:
    """An alert being read."""

    def __init__(self, index: int, fields: Fields) -> None:
        self._index = index
        self._fields = fields
        self._labels = fields.texts("labels")
        self._annotations = fields.texts("annotations")

    def service(self) -> str:
        """Returns the name of the service. Raises InvalidRequest."""
        said = texts.one_line(self._said("service"))
        if not said:
            self._missing("service")
        return said

    def event(self, made_up: Callable[[], str]) -> Event:
        """Returns what the alert says. Raises InvalidRequest if it can be no alert."""
        type_, key = self._type_and_key(made_up)
        title = self._said("title", self._annotations)
        if type_ is EventType.ALERT and not title:
            self._missing("title")
        summary, details = bounds.summary_and_details(
            self._fields, title, self._annotations.get("description", ""), name="title"
        )
        severity = self._severity()
        event = Event(
            type=type_,
            summary=summary,
            details=details,
            alert_key=key,
            severity=SEVERITIES[severity],
            links=tuple(self._links()),
            labels=self._kept_labels(),
            custom_details=self._fields.json_object("annotations"),
            repeat=Repeat.UPDATE,
            silent=severity == WARNING,
        )
        event = bounds.publishable(self._fields, event, name="annotations")
        return replace(event, repairs=self._fields.repairs())

    def _type_and_key(self, made_up: Callable[[], str]) -> tuple[EventType, str]:
        """Without both, somebody raises the alert by hand."""
        status, fingerprint = self._said("status"), self._said("fingerprint")
        if not status and not fingerprint and not self._tells("status", "fingerprint"):
            return EventType.ALERT, made_up()
        if not status:
            self._missing("status")
        if status not in content.TYPES:
            self._refuse("status", f"must be one of {', '.join(content.TYPES)}")
        if not fingerprint:
            self._missing("fingerprint")
        return content.TYPES[status], bounds.key(self._fields, fingerprint, name="fingerprint")

    def _tells(self, *names: str) -> bool:
        """Tells whether something stands where one of these texts should."""
        return any(self._fields.told(name) not in (None, "") for name in names)

    def _severity(self) -> str:
        said = self._said("severity").lower()
        if said not in SEVERITIES and (said or self._tells("severity")):
            self._fields.repaired("severity", f"is not {WARNING}, so it was read as {CRITICAL}")
        return said if said in SEVERITIES else CRITICAL

    def _said(self, name: str, also: Mapping[str, str] | None = None) -> str:
        """Returns a text from the first place that has it; empty if none has."""
        places = (self._fields.text(name), self._labels.get(name, ""), (also or {}).get(name, ""))
        return next((said for place in places if (said := place.strip())), "")

    def _links(self) -> Iterator[Link]:
        address = self._fields.address("generatorURL")
        if address:
            yield Link(href=address)

    def _kept_labels(self) -> dict[str, str]:
        if len(self._labels) > MOST_LABELS:
            self._fields.repaired("labels", f"only the first {MOST_LABELS} count")
        return dict(list(self._labels.items())[:MOST_LABELS])

    def _missing(self, name: str) -> NoReturn:
        self._refuse(name, "is required")

    def _refuse(self, name: str, why: str) -> NoReturn:
        field = _name(self._index, name)
        raise InvalidRequest(f"{field} {why}", field=field)


def _name(index: int, name: str) -> str:
    return f"alerts[{index}].{name}"

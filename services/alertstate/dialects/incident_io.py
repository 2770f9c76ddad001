"""Alerts as incident.io lists them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.alertstate.domain.alerts import Alert, Status
from services.alertstate.domain.keys import match_key
from services.alertstate.requests import MOST_FILTERED
from services.alertstate.store.pages import Filter
from services.chassis import ulids
from services.chassis.errors import InvalidRequest
from tocsin.alertstate.v1 import incident_io_service_pb2 as pb

PAGE = 25
LARGEST_PAGE = 50
FILTERS = ("status_one_of", "status_not_in", "alert_source_one_of", "alert_source_not_in")
FIRING, RESOLVED = "firing", "resolved"
STATUSES = {FIRING: (Status.PENDING, Status.ACCEPTED), RESOLVED: (Status.RESOLVED,)}


def wanted(request: pb.ListHttpAlertsRequest) -> Filter:
    """Returns what a request asks for. Raises InvalidRequest with the parameter that is amiss."""
    for name in FILTERS:
        field = request.DESCRIPTOR.fields_by_name[name].json_name
        if len(getattr(request, name)) > MOST_FILTERED:
            raise _invalid(field, f"{field} may have {MOST_FILTERED} values at most")
    one_of = _statuses("status[one_of]", request.status_one_of or STATUSES)
    not_in = _statuses("status[not_in]", request.status_not_in)
    key = request.deduplication_key_is
    some = _sources(request.alert_source_one_of) if request.alert_source_one_of else None
    return Filter(
        states=tuple(state for state in one_of if state not in not_in),
        match_key=match_key(key) if request.HasField("deduplication_key_is") else None,
        sources=some,
        other_sources=_sources(request.alert_source_not_in),
        after=_cursor(request.after) if request.after else None,
    )


def page_size(request: pb.ListHttpAlertsRequest) -> int:
    """Returns how many alerts a page has. Raises InvalidRequest."""
    size = request.page_size if request.HasField("page_size") else PAGE
    if not 1 <= size <= LARGEST_PAGE:
        raise _invalid("page_size", f"page_size must be 1 to {LARGEST_PAGE}")
    return size


def page(found: Sequence[tuple[Alert, datetime]], size: int) -> pb.ListHttpAlertsResponse:
    """Renders a page of alerts, each with the time of its last change.

    One more alert than fits says that there is a next page.
    """
    shown = [_alert(alert, changed) for alert, changed in found[:size]]
    after = shown[-1].id if len(found) > size else None
    return pb.ListHttpAlertsResponse(
        alerts=shown, pagination_meta=pb.PaginationMeta(page_size=size, after=after)
    )


def _alert(alert: Alert, changed: datetime) -> pb.HttpAlert:
    content = alert.content
    return pb.HttpAlert(
        id=ulids.ulid(ulids.ALERT, alert.id),
        alert_source_id=ulids.ulid(ulids.SOURCE, alert.source_id),
        status=RESOLVED if alert.status is Status.RESOLVED else FIRING,
        title=content.summary,
        deduplication_key=content.alert_key,
        created_at=alert.report_time,
        updated_at=changed,
        resolved_at=alert.resolved_on,
        description=content.details or None,
        source_url=content.links[0].href if content.links else None,
    )


def _statuses(name: str, said: Iterable[str]) -> list[Status]:
    found: list[Status] = []
    for word in said:
        if word not in STATUSES:
            raise _invalid(name, f"a status is one of {', '.join(STATUSES)}")
        found += STATUSES[word]
    return found


def _sources(said: Iterable[str]) -> tuple[int, ...]:
    """Returns the numbers of sources; an id that is none of ours fits no alert."""
    numbers = (ulids.number(ulids.SOURCE, ulid) for ulid in said)
    return tuple(number for number in numbers if number is not None)


def _cursor(said: str) -> int:
    number = ulids.number(ulids.ALERT, said)
    if number is None:
        raise _invalid("after", "after must be the cursor of a page before")
    return number


def _invalid(name: str, message: str) -> InvalidRequest:
    return InvalidRequest(message, reason="IS_INVALID", field=name, http_status=422)

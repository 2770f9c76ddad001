"""What callers ask for, read and checked before anything is looked up."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from services.alertstate import wire
from services.alertstate.domain.alerts import Content, Priority, Status
from services.alertstate.domain.entries import FilterType, Language
from services.alertstate.store.lists import Wanted
from services.chassis.errors import InvalidRequest
from services.chassis.team_context import Teams
from services.chassis.texts import clean, is_address
from tocsin.alertstate.v1 import alert_pb2 as pb
from tocsin.alertstate.v1 import alert_service_pb2 as service

#: Values of one filter: databases refuse statements with tens of thousands.
MOST_FILTERED = 100
FILTERS = ("states", "state", "sources", "alert_source", "policies", "responders", "assigned_to")
LONGEST_SUMMARY = 255
LONGEST_COMMENT = 64 * 1024
#: A change of an alert must fit a message between services.
MOST_WRITTEN = 512 * 1024
DURATION = re.compile(r"PT([0-9]{1,4})([MH])")


@dataclass(frozen=True, slots=True)
class Manual:
    """An alert that a person raises by hand; 0 stands for what is not given."""

    content: Content
    source_id: int
    policy_id: int
    user_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """To what an alert is assigned: one of user, policy and schedule."""

    user_id: int = 0
    policy_id: int = 0
    schedule_id: int = 0


def wanted(
    request: service.ListAlertsRequest | service.CountAlertsRequest,
    responders: tuple[int, ...] | None = None,
    teams: Teams = None,
) -> Wanted:
    """Reads which alerts a caller asks for, given whom its `responders` mean and of which teams.

    Raises InvalidRequest naming the parameter.
    """
    _check_filters(request)
    policies = request.policies if isinstance(request, service.ListAlertsRequest) else ()
    return Wanted(
        states=tuple(_status(state) for state in (*request.states, *request.state)),
        sources=(*request.sources, *request.alert_source),
        policies=tuple(policies),
        responders=responders,
        teams=teams,
        start=time(getattr(request, "from"), "from") if request.HasField("from") else None,
        until=time(request.until, "until") if request.HasField("until") else None,
    )


def manual(alert: pb.ManualAlert) -> Manual:
    """Reads an alert raised by hand. Raises InvalidRequest naming the field."""
    summary, details = _summary(alert)
    for image in alert.images:
        _absolute(image.src, "images.src")
        if image.href:
            _absolute(image.href, "images.href")
    for link in alert.links:
        _absolute(link.href, "links.href")
    if alert.priority not in pb.Alert.Priority.values():
        raise InvalidRequest("priority must be HIGH or LOW", field="priority")
    users = [each.user.id for each in alert.responders]
    users += [alert.assigned_to.id] if alert.HasField("assigned_to") else []
    _ids(users, "responders")
    source_id, policy_id = alert.alert_source.id, alert.escalation_policy.id
    if not (source_id or policy_id or users):
        raise InvalidRequest(
            "one of alertSource, escalationPolicy and responders is required", field="alertSource"
        )
    content = Content(
        summary=summary,
        details=details,
        priority=Priority.LOW if alert.priority == pb.Alert.LOW else Priority.HIGH,
        images=wire.images(alert.images),
        links=wire.links(alert.links),
    )
    return Manual(content, source_id, policy_id, tuple(dict.fromkeys(users)))


def comment(told: pb.Comment) -> str:
    """Reads what somebody says about an alert. Raises InvalidRequest."""
    content = clean(told.content)
    if not content.strip():
        raise InvalidRequest("content is required", field="content")
    if len(content) > LONGEST_COMMENT:
        most = LONGEST_COMMENT
        raise InvalidRequest(f"content may have {most} characters at most", field="content")
    return content


def responder(request: service.AddResponderRequest, meant: int = 0) -> int:
    """Reads whom to add, in whichever way it is said: `meant` is whom its login means.

    Raises InvalidRequest.
    """
    asked = request.responder
    told = {asked.user.id, asked.id, request.user, meant} - {0}
    if len(told) != 1:
        raise InvalidRequest("exactly one user is required", field="user")
    return told.pop()


def target(request: service.AssignAlertRequest, meant: int = 0) -> Target:
    """Reads to what to assign an alert: `meant` is whom its login means.

    Raises InvalidRequest unless it is exactly one.
    """
    told = {
        *(("user", id_) for id_ in (request.user, meant)),
        *(("policy", id_) for id_ in (request.policy, request.policy_id)),
        *(("schedule", id_) for id_ in (request.schedule, request.schedule_id)),
    }
    given = [(kind, id_) for kind, id_ in told if id_]
    if len(given) != 1:
        raise InvalidRequest("exactly one of user, policy and schedule is required", field="user")
    kind, id_ = given[0]
    match kind:
        case "user":
            return Target(user_id=id_)
        case "policy":
            return Target(policy_id=id_)
        case _:
            return Target(schedule_id=id_)


def priority(number: int) -> Priority:
    """Reads a priority. Raises InvalidRequest."""
    if number not in (pb.Alert.HIGH, pb.Alert.LOW):
        raise InvalidRequest("priority must be HIGH or LOW", field="priority")
    return Priority(pb.Alert.Priority.Name(number))


def language(request: service.ListLogEntriesRequest) -> Language:
    """Reads the language of texts; `lng` is older clients' word. Raises InvalidRequest."""
    told = request.lang or request.lng or Language.ENGLISH
    if told.lower() not in list(Language):
        raise InvalidRequest("lang must be en or de", field="lang" if request.lang else "lng")
    return Language(told.lower())


def filter_types(told: Iterable[str]) -> list[FilterType]:
    """Reads groups of log entries. Raises InvalidRequest."""
    found = list(told)
    for each in found:
        if each not in list(FilterType):
            words = ", ".join(FilterType)
            raise InvalidRequest(f"filter-types must be among {words}", field="filter-types")
    return [FilterType(each) for each in found]


def time(timestamp: Timestamp, field: str) -> datetime:
    """Reads a time. Raises InvalidRequest."""
    try:
        return timestamp.ToDatetime(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(f"{field} is not a time", field=field) from error


def duration(told: str) -> timedelta | None:
    """Reads an ISO duration of minutes or hours; None for anything else."""
    match = DURATION.fullmatch(told)
    if match is None:
        return None
    count, unit = int(match[1]), match[2]
    return timedelta(hours=count) if unit == "H" else timedelta(minutes=count)


def _check_filters(request: service.ListAlertsRequest | service.CountAlertsRequest) -> None:
    for field in request.DESCRIPTOR.fields:
        if field.name in FILTERS and len(getattr(request, field.name)) > MOST_FILTERED:
            raise InvalidRequest(
                f"{field.json_name} may have {MOST_FILTERED} values at most", field=field.json_name
            )


def _summary(alert: pb.ManualAlert) -> tuple[str, str]:
    """Returns the summary and the details, which keep the whole of a long summary."""
    summary, details = " ".join(clean(alert.summary).split()), clean(alert.details)
    if not summary:
        raise InvalidRequest("summary is required", field="summary")
    if alert.ByteSize() > MOST_WRITTEN:
        most = MOST_WRITTEN // 1024
        raise InvalidRequest(f"an alert may have {most} KiB at most", field="details")
    if len(summary) <= LONGEST_SUMMARY:
        return summary, details
    whole = f"{summary}\n\n{details}" if details else summary
    return f"{summary[: LONGEST_SUMMARY - 1]}…", whole


def _absolute(url: str, field: str) -> None:
    if not is_address(url):
        raise InvalidRequest(f"{field} must be an absolute http or https URL", field=field)


def _ids(ids: Sequence[int], field: str) -> None:
    if any(id_ <= 0 for id_ in ids):
        raise InvalidRequest(f"{field} must name people by their ids", field=field)


def _status(state: int) -> Status:
    if state not in (pb.Alert.PENDING, pb.Alert.ACCEPTED, pb.Alert.RESOLVED):
        raise InvalidRequest("states must be PENDING, ACCEPTED or RESOLVED", field="states")
    return Status(pb.Alert.Status.Name(state))

"""What a message says, as far as the history needs it."""

from typing import Any

from services.escalation.domain.policies import Policy
from tests.simulation.stores import EPOCH
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.chassis.internal.v1.suite_alert_pb2 import SuiteAlertRaised
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged, PageRequested
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.notification.v1.notification_events_pb2 import NotificationChanged


def policy(policy: Policy) -> dict[str, Any]:
    """Tells a policy."""
    return {
        "policy": policy.id,
        "levels": [(level.users, level.teams, level.timeout.seconds) for level in policy.levels],
        "repeats": policy.frequency if policy.repeating else 0,
        "delay": policy.delay_min * 60,
    }


def told(type_: str, payload: bytes) -> dict[str, Any]:
    """Tells a message by its type."""
    name = type_.rpartition(".")[2]
    reader = _READERS.get(name)
    return {"message": name} | (reader(payload) if reader else {})


def _alert(payload: bytes) -> dict[str, Any]:
    event = AlertChanged.FromString(payload)
    return {"alert": event.alert.id, "version": event.version, "episode": event.episode}


def _run(payload: bytes) -> dict[str, Any]:
    event = EscalationChanged.FromString(payload)
    run = event.escalation
    return {
        "run": run.key,
        "cause": EscalationChanged.Cause.Name(event.cause),
        "state": Escalation.State.Name(run.state),
        "cycle": run.cycle,
        "level": run.level,
        "version": run.version,
        "nobody": event.reached_nobody,
        "called": list(event.called_user_ids),
        "number": event.call_number,
    }


def _page(payload: bytes) -> dict[str, Any]:
    event = PageRequested.FromString(payload)
    return {
        "run": event.escalation_key,
        "subject": f"{event.subject.kind}:{event.subject.id}:{event.subject.episode}",
        "cycle": event.cycle,
        "level": event.level,
        "users": list(event.user_ids),
        "low": event.subject.priority == Subject.Priority.LOW,
        "requested": event.request_time.ToMicroseconds() / 1e6 - EPOCH.timestamp(),
    }


def _notification(payload: bytes) -> dict[str, Any]:
    event = NotificationChanged.FromString(payload)
    return {
        "run": event.escalation_key,
        "id": event.notification.id,
        "attempt": event.attempt,
        "version": event.version,
    }


def _suite(payload: bytes) -> dict[str, Any]:
    event = SuiteAlertRaised.FromString(payload)
    return {"about": event.alert_key}


_READERS = {
    "SuiteAlertRaised": _suite,
    "AlertChanged": _alert,
    "EscalationChanged": _run,
    "PageRequested": _page,
    "NotificationChanged": _notification,
}

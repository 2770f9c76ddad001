"""What the commands print: tables for people, JSON in the words of the REST API for scripts."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.chassis.people import called, full_name
from services.cli.text import visible
from tocsin.alertstate.v1.alert_events_pb2 import AlertChanged
from tocsin.alertstate.v1.alert_pb2 import Alert, Comment, LogEntry, Responder
from tocsin.alertstate.v1.alert_watch_service_pb2 import WatchAlertsResponse
from tocsin.edge.v1.actor_pb2 import Actor
from tocsin.edge.v1.audit_pb2 import AuditEntry
from tocsin.edge.v1.content_pb2 import Link
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation, Subject
from tocsin.escalation.v1.escalation_watch_service_pb2 import WatchEscalationsResponse
from tocsin.escalation.v1.on_call_service_pb2 import OnCall
from tocsin.escalation.v1.token_pb2 import ApiToken
from tocsin.notification.v1.webhook_pb2 import Webhook, WebhookDelivery

#: A table that is not read on a screen is cut nowhere.
ENDLESS = 100_000
COLOURS = {"PENDING": "bold red", "ACCEPTED": "yellow", "RESOLVED": "green"}
RUN_COLOURS = {
    "RUNNING": "bold red",
    "EXHAUSTED": "bold red",
    "ACKNOWLEDGED": "yellow",
    "STOPPED": "green",
}
BLANK = "-"


def document(message: Message | Sequence[Message]) -> None:
    """Prints one JSON document."""
    told = [_plain(each) for each in message] if isinstance(message, Sequence) else _plain(message)
    print(json.dumps(told, indent=2, ensure_ascii=not utf8()))


def line(message: Message) -> None:
    """Prints one JSON document on a line of its own, at once."""
    print(json.dumps(_plain(message), ensure_ascii=not utf8()), flush=True)


def alerts(found: Sequence[Alert]) -> None:
    """Prints alerts as a table."""
    rows = (
        (
            str(alert.id),
            _state(alert),
            _name(Alert.Priority, alert.priority),
            _time(alert, "report_time"),
            alert.alert_source.name or BLANK,
            alert.summary,
            _responders(alert.responders),
        )
        for alert in found
    )
    titles = ("ID", "STATE", "PRIORITY", "RAISED", "SOURCE", "SUMMARY", "RESPONDERS")
    table(titles, rows, wide="SUMMARY")


def alert(alert: Alert, log: Sequence[LogEntry], comments: Sequence[Comment]) -> None:
    """Prints all about one alert."""
    facts: dict[str, str | Text] = {
        "alert": f"{alert.id}: {alert.summary}",
        "state": _state(alert),
        "priority": _name(Alert.Priority, alert.priority),
        "raised": _time(alert, "report_time"),
        "resolved": _time(alert, "resolved_on"),
        "source": alert.alert_source.name,
        "policy": alert.escalation_policy.name,
        "key": alert.alert_key,
        "next level": _time(alert, "next_escalation"),
        "sleeps until": _time(alert, "snoozed_until"),
        "responders": _responders(alert.responders),
        "events": str(alert.event_count or ""),
    }
    told = {name: fact for name, fact in facts.items() if str(fact) not in ("", BLANK)}
    table(None, told.items())
    _body(alert.details, alert.links)
    if comments:
        print()
        rows = ((_time(each, "created"), each.creator or BLANK, each.content) for each in comments)
        table(("SAID", "BY", "COMMENT"), rows, wide="COMMENT")
    if log:
        print()
        entries = ((_time(entry, "timestamp"), entry.text) for entry in log)
        table(("AT", "WHAT HAPPENED"), entries, wide="WHAT HAPPENED")


def runs(found: Sequence[Escalation]) -> None:
    """Prints runs as a table."""
    rows = (
        (
            str(run.id),
            _run_state(run),
            _time(run, "start_time"),
            str(run.level or BLANK),
            _time(run, "next_step_time"),
            run.key,
            run.subject.title,
        )
        for run in found
    )
    titles = ("ID", "STATE", "BEGAN", "LEVEL", "NEXT STEP", "KEY", "TITLE")
    table(titles, rows, wide="TITLE")


def run(run: Escalation) -> None:
    """Prints all about one run."""
    facts: dict[str, str | Text] = {
        "escalation": f"{run.id}: {run.subject.title}",
        "key": run.key,
        "state": _run_state(run),
        "priority": _name(Subject.Priority, run.subject.priority),
        "policy": str(run.escalation_policy_id or ""),
        "level": str(run.level or ""),
        "began": _time(run, "start_time"),
        "next step": _time(run, "next_step_time"),
        "ended": _time(run, "end_time"),
        "ended by": run.ended_by.name,
        "paged users": ", ".join(map(str, run.paged_user_ids)),
    }
    told = {name: fact for name, fact in facts.items() if str(fact) not in ("", BLANK)}
    table(None, told.items())
    _body(run.subject.details, run.subject.links)


def run_change(told: WatchEscalationsResponse, at: datetime) -> None:
    """Prints one change of a run on a line, at once."""
    run = told.escalation
    text = Text.assemble(
        (f"{at.astimezone():%H:%M:%S}  ", "dim"),
        f"{_name(EscalationChanged.Cause, told.cause):<13}  {run.id:>6}  ",
        _run_state(run),
        visible(f"  {run.key}: {run.subject.title} (by {told.actor.name})"),
    )
    _console().print(text, soft_wrap=True)
    sys.stdout.flush()


def on_calls(found: Sequence[OnCall]) -> None:
    """Prints who is on call as a table."""
    rows = (
        (
            each.escalation_policy.name or str(each.escalation_policy.id),
            str(each.escalation_level),
            full_name(each.user) or each.user.email,
            each.schedule.name or BLANK,
            _time(each, "end"),
        )
        for each in found
    )
    table(("POLICY", "LEVEL", "ON CALL", "SCHEDULE", "UNTIL"), rows)


def tokens(found: Sequence[ApiToken]) -> None:
    """Prints tokens as a table, without what is secret in them."""
    rows = (
        (
            token.id,
            token.name,
            ", ".join(token.scopes),
            str(token.user_id or BLANK),
            str(token.team.id or BLANK),
            _time(token, "expires_at"),
            _time(token, "last_used"),
            token.creator or BLANK,
        )
        for token in found
    )
    titles = ("ID", "NAME", "SCOPES", "USER", "TEAM", "EXPIRES", "LAST USED", "MADE BY")
    table(titles, rows, wide="SCOPES")


def webhooks(found: Sequence[Webhook]) -> None:
    """Prints webhooks as a table."""
    rows = (
        (
            str(webhook.id),
            webhook.name,
            webhook.url,
            ", ".join(webhook.events) or BLANK,
            ", ".join(str(team.id) for team in webhook.teams) or BLANK,
            str(webhook.pending_deliveries),
            _time(webhook, "last_success_time"),
            f"{_time(webhook, 'last_failure_time')} {webhook.last_failure}".strip(),
        )
        for webhook in found
    )
    titles = ("ID", "NAME", "URL", "EVENTS", "TEAMS", "WAIT", "LAST SUCCESS", "LAST FAILURE")
    table(titles, rows, wide="EVENTS")


def deliveries(found: Sequence[WebhookDelivery]) -> None:
    """Prints the events that a webhook was told of as a table."""
    rows = (
        (
            str(delivery.id),
            _name(WebhookDelivery.State, delivery.state),
            delivery.type,
            delivery.event_id,
            _time(delivery, "create_time"),
            str(delivery.attempts),
            _time(delivery, "next_attempt_time"),
            delivery.error or BLANK,
        )
        for delivery in found
    )
    titles = ("ID", "STATE", "TYPE", "EVENT", "SINCE", "TRIES", "NEXT TRY", "ERROR")
    table(titles, rows, wide="ERROR")


def audit(found: Sequence[AuditEntry]) -> None:
    """Prints who changed what as a table."""
    rows = (
        (
            _time(entry, "time"),
            entry.actor.name or entry.actor.id or _name(Actor.Kind, entry.actor.kind),
            entry.peer or BLANK,
            entry.action,
            entry.target,
        )
        for entry in found
    )
    table(("AT", "WHO", "FROM", "DID", "TO"), rows)


def change(told: WatchAlertsResponse, at: datetime) -> None:
    """Prints one change on a line, at once."""
    alert = told.alert
    text = Text.assemble(
        (f"{at.astimezone():%H:%M:%S}  ", "dim"),
        f"{_name(AlertChanged.Cause, told.cause):<18}  ",
        f"{alert.id:>6}  ",
        (f"{_name(Alert.Status, alert.status):<8}  ", COLOURS.get(_status(alert), "")),
        visible(f"{alert.alert_source.name or BLANK}: {alert.summary}"),
    )
    _console().print(text, soft_wrap=True)
    sys.stdout.flush()


def lines(told: Iterable[Text]) -> None:
    """Prints lines as they are, each as long as it is."""
    console = _console()
    for each in told:
        console.print(each, soft_wrap=True)


def utf8() -> bool:
    """Tells whether what is printed may hold any character."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def done(text: str) -> None:
    """Says in a line what was done."""
    print(visible(text))


def _plain(message: Message) -> Any:
    return json_format.MessageToDict(message, always_print_fields_with_no_presence=True)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else ENDLESS, highlight=False)


def table(
    titles: Sequence[str] | None, rows: Iterable[Sequence[str | Text]], wide: str = ""
) -> None:
    """Prints a table; one column may be wider than there is room."""
    made = Table(box=None, show_header=titles is not None, pad_edge=False, header_style="bold")
    for title in titles or ("", ""):
        made.add_column(title, no_wrap=title != wide, overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(visible(cell)) for cell in row))
    _console().print(made)


def _state(alert: Alert) -> Text:
    status = _status(alert)
    return Text(status, style=COLOURS.get(status, ""))


def _run_state(run: Escalation) -> Text:
    state = _name(Escalation.State, run.state)
    return Text(state, style=RUN_COLOURS.get(state, ""))


def _body(details: str, links: Iterable[Link]) -> None:
    """Prints what there is to read about something, and where to look."""
    shown = [f"{link.text}: {link.href}" if link.text else link.href for link in links]
    for part in (details.splitlines(), shown):
        if part:
            print("", *(f"  {visible(each)}" for each in part), sep="\n")


def _status(alert: Alert) -> str:
    return _name(Alert.Status, alert.status)


def _name(enum: Any, value: int) -> str:
    """Returns a value's word; a number for one that is newer than this program."""
    return str(enum.Name(value)) if value in enum.values() else str(value)


def _time(message: Any, field: str) -> str:
    if not message.HasField(field):
        return BLANK
    moment: Timestamp = getattr(message, field)
    return f"{moment.ToDatetime(UTC).astimezone():%Y-%m-%d %H:%M:%S}"


def _responders(responders: Iterable[Responder]) -> str:
    return ", ".join(called(each.user) for each in responders) or BLANK


#: What the commands with files of their own show things by.
word, time = _name, _time

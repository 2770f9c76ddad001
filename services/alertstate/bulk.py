"""Answers to many alerts at once, in parts that leave room for others to write between them."""

import time
from collections.abc import Iterator, Sequence

from services.alertstate import changing, deciding
from services.alertstate.changing import Outcome
from services.alertstate.domain.actions import Action, Done
from services.alertstate.domain.alerts import Actor, Status
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import InvalidRequest, WrongState
from tocsin.alertstate.v1 import alert_service_pb2 as pb

MOST_AT_ONCE = 500
PART = 50
#: A part that begins with less than this left might be told to nobody.
MARGIN_SECONDS = 2.0


async def answer_all(
    database: Database,
    clock: Clock,
    alert_ids: Sequence[int],
    action: Action,
    by: Actor,
    seconds: float,
) -> list[pb.BulkResult]:
    """Answers alerts, each for itself, as far as it gets within so many seconds.

    Returns a result for each id, in their order; those that were not reached have a code that
    says so. Raises InvalidRequest for too many.
    """
    if len(alert_ids) > MOST_AT_ONCE:
        raise InvalidRequest(f"at most {MOST_AT_ONCE} alerts at once", field="ids")
    ends = time.monotonic() + seconds - MARGIN_SECONDS
    decide = deciding.answer(action, by)
    outcomes: dict[int, Outcome] = {}
    for part in _parts(list(dict.fromkeys(alert_ids))):
        if time.monotonic() >= ends:
            break
        outcomes |= await database.write(
            changing.all_by_caller, clock, part, decide, by, action.value
        )
    return [_result(alert_id, outcomes.get(alert_id)) for alert_id in alert_ids]


def _parts(alert_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(alert_ids), PART):
        yield alert_ids[start : start + PART]


def _result(alert_id: int, outcome: Outcome | None) -> pb.BulkResult:
    match outcome:
        case None:
            told = "there was no time left for it: ask again"
            return pb.BulkResult(id=alert_id, code="TIMEOUT", message=told)
        case Done(alert):
            return pb.BulkResult(id=alert_id, status=alert.status.name)
        case WrongState():  # it is resolved: nothing else refuses an answer
            status = Status.RESOLVED.name
            code, message = outcome.code, outcome.message
            return pb.BulkResult(id=alert_id, status=status, code=code, message=message)
        case _:
            return pb.BulkResult(id=alert_id, code=outcome.code, message=outcome.message)

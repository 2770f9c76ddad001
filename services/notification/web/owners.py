"""What the owners of a subject know of it now, for the page of somebody who was paged.

Each has about a second. Whoever does not answer is left out: the page shows the rest.
"""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

import grpc
import grpc.aio

from services.chassis.behalf import told
from services.chassis.people import called
from services.chassis.principal import Principal
from services.notification import wire
from services.notification.domain.values import Intent
from tocsin.alertstate.internal.v1 import alert_reader_service_pb2 as alerts
from tocsin.alertstate.internal.v1.alert_reader_service_pb2_grpc import AlertReaderServiceStub
from tocsin.escalation.internal.v1 import run_service_pb2 as runs
from tocsin.escalation.internal.v1.run_service_pb2_grpc import RunServiceStub

log = logging.getLogger(__name__)

M = TypeVar("M")

SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a subject beside what Notification knows itself."""

    alert: alerts.ReadAlertResponse | None = None
    next_names: tuple[str, ...] = ()  # who is paged next
    away: bool = False  # somebody who was asked did not answer


class Owners:
    """AlertState, where there is one, and Escalation."""

    def __init__(self, alertstate: grpc.aio.Channel | None, escalation: grpc.aio.Channel) -> None:
        self._alerts = AlertReaderServiceStub(alertstate) if alertstate else None
        self._runs = RunServiceStub(escalation)

    async def known(self, intent: Intent, reader: Principal, language: str) -> Known:
        """Returns what is known of a subject that somebody was paged about."""
        request = runs.FindNextUsersRequest(keys=[intent.subject_run])
        (alert, alerts_away), (next_, runs_away) = await asyncio.gather(
            self._alert(intent, reader, language),
            _asked(self._runs.FindNextUsers(request, timeout=SECONDS), "Escalation"),
        )
        users = [user for each in (next_.runs if next_ else ()) for user in each.users]
        return Known(
            alert=alert,
            next_names=tuple(called(user) for user in users),
            away=alerts_away or runs_away,
        )

    async def _alert(
        self, intent: Intent, reader: Principal, language: str
    ) -> tuple[alerts.ReadAlertResponse | None, bool]:
        alert_id = wire.alert_id(intent.subject_kind, intent.subject_id)
        if self._alerts is None or not alert_id:
            return None, False
        request = alerts.ReadAlertRequest(id=alert_id, reader=told(reader), language=language)
        return await _asked(self._alerts.ReadAlert(request, timeout=SECONDS), "AlertState")


async def _asked(call: Awaitable[M], owner: str) -> tuple[M | None, bool]:
    """Returns an answer, and whether there should have been one."""
    try:
        return await call, False
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.NOT_FOUND:
            return None, False
        log.warning("a page goes without what %s knows: %s", owner, error.code().name)
        return None, True

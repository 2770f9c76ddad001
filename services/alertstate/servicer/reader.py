"""Answers AlertReaderService: what those are shown of an alert who were paged about it."""

from sqlalchemy import Connection

from services.alertstate import showing, wire
from services.alertstate.domain.entries import Language
from services.alertstate.shortening import fitting
from services.alertstate.store import alerts, comments, log
from services.chassis.behalf import act_for
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.paging import Page
from tocsin.alertstate.internal.v1 import alert_reader_service_pb2 as pb
from tocsin.alertstate.internal.v1 import alert_reader_service_pb2_grpc as rpc

#: How much of what happened and of what was said is told.
MOST = 100
#: What its log and its comments may take of a reply, each; the alert has the rest.
TEXT_BYTES = 512 * 1024


class AlertReaderServicer(rpc.AlertReaderServiceServicer):
    """Tells what an alert is like."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ReadAlert(
        self, request: pb.ReadAlertRequest, context: Context
    ) -> pb.ReadAlertResponse:
        """See the proto."""
        act_for(request.reader)
        german = request.language == Language.GERMAN
        language = Language.GERMAN if german else Language.ENGLISH
        return await self._database.read(_whole, request.id, language)


def _whole(connection: Connection, alert_id: int, language: Language) -> pb.ReadAlertResponse:
    alert = alerts.get(connection, alert_id)
    include = (showing.ESCALATION_RULES, showing.CUSTOM_DETAILS)
    shown = fitting(showing.rendered(connection, [alert], include), TEXT_BYTES * 2)
    entries = [
        wire.log_entry(alert_id, number, entry, language, with_vars=False)
        for number, entry in log.oldest(connection, alert_id, _newest(alert.log_count))
    ]
    said = [
        wire.comment(*each)
        for each in comments.oldest(connection, alert_id, _newest(alert.comment_count))
    ]
    return pb.ReadAlertResponse(
        alert=shown[0],
        log_entries=fitting(entries, TEXT_BYTES),
        comments=fitting(said, TEXT_BYTES),
    )


def _newest(count: int) -> Page:
    return Page(offset=max(0, count - MOST), limit=MOST)

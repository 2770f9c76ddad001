"""Puts AlertState together and runs it. The only file here that knows every other."""

from functools import partial

from services.alertstate import consumer, timer
from services.alertstate.config import Config
from services.alertstate.servicer import AlertServicer, SubjectServicer
from services.chassis.service import service
from tocsin.alertstate.v1.alert_service_pb2_grpc import add_AlertServiceServicer_to_server
from tocsin.chassis.internal.v1.subject_service_pb2_grpc import (
    add_SubjectServiceServicer_to_server,
)
from tocsin.escalation.v1.token_pb2 import TokenRecord

NAME = "alertstate"
READERS = ("escalation", "ingest")


async def run(config: Config) -> None:
    """Runs the service until it is told to stop."""
    async with service(NAME, config, READERS) as base:
        await base.database.write(timer.begin, base.clock)
        base.follow(config.ingest_address, ["source"])
        follower = base.follow(config.escalation_address, ["user", "policy", "token"])
        base.consume("ingest", consumer.of_ingest())
        base.consume("escalation", consumer.of_escalation())
        base.consume("notification", consumer.of_notification())
        base.act_when_due(timer.due())
        alerts = AlertServicer(base.database, base.clock)
        subjects = SubjectServicer(base.database)
        await base.run(
            [
                (
                    "tocsin.alertstate.v1.AlertService",
                    partial(add_AlertServiceServicer_to_server, alerts),
                ),
                (
                    "tocsin.chassis.internal.v1.SubjectService",
                    partial(add_SubjectServiceServicer_to_server, subjects),
                ),
            ],
            ask_owner=lambda id_: follower.ask("token", id_, TokenRecord),
        )

"""Configuration as a document: shown and applied in few words, by what Escalation owns."""

from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict

from services.chassis.principal import Principal
from services.escalation.documents.parts import Parts
from services.escalation.servicer.configuration import ConfigurationServicer
from tests.contract.blocking import ADA, Answer, Calls
from tests.contract.escalation_house import INVALID, OK, House
from tocsin.configuration.v1 import configuration_service_pb2 as pb
from tocsin.configuration.v1.configuration_pb2 import Configuration

USER = Principal(
    kind="TOKEN", id="useruser", name="user", scopes=frozenset({"config:read", "config:write"})
)


async def call(house: House, method: str, request: Any, caller: Principal = ADA) -> Answer:
    service = pb.DESCRIPTOR.services_by_name["ConfigurationService"]
    servicer = ConfigurationServicer(house.db, house.clock, Parts())
    return await Calls(service, servicer, caller)(method, request)


async def exported(house: House, caller: Principal = ADA) -> Any:
    answer = await call(house, "ExportConfiguration", pb.ExportConfigurationRequest(), caller)
    assert answer.code == OK, answer.details
    return MessageToDict(answer.reply)


async def apply(house: House, told: Any, caller: Principal = ADA, **how: Any) -> Answer:
    request = pb.ApplyConfigurationRequest(configuration=ParseDict(told, Configuration()), **how)
    return await call(house, "ApplyConfiguration", request, caller)


async def done(house: House, told: Any, **how: Any) -> list[tuple[str, str, str]]:
    """Applies a document and returns what that changed: all that a dry run said before."""
    tried = await apply(house, told, dry_run=True, **how)
    assert not tried.reply.problems, tried.reply.problems
    before = await exported(house)
    assert not tried.reply.applied
    answer = await apply(house, told, digest=tried.reply.digest, **how)
    assert answer.code == OK, answer.details
    assert answer.reply.applied
    assert answer.reply.changes == tried.reply.changes
    assert bool(answer.reply.changes) == (await exported(house) != before)
    assert not (await apply(house, told, dry_run=True, **how)).reply.changes
    return [
        (pb.Change.Action.Name(each.action), each.section, each.name)
        for each in answer.reply.changes
    ]


async def problems(house: House, told: Any, **how: Any) -> list[str]:
    """Returns what is wrong with a document, which is not applied."""
    before = await exported(house)
    tried = await apply(house, told, dry_run=True, **how)
    assert tried.code == OK, tried.details
    answer = await apply(house, told, **how)
    assert answer.code == INVALID, answer.details
    first = tried.reply.problems[0]
    assert answer.details.startswith(f"{first.place}: {first.message}".removeprefix(": "))
    assert await exported(house) == before
    return [f"{each.place}: {each.message}" for each in tried.reply.problems]

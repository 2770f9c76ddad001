"""A watcher is told all that is published of a change, in the same words."""

from pathlib import Path

from services.chassis.principal import current_principal
from services.escalation import watch
from tests.contract.blocking import ADA
from tests.contract.escalation_house import OK
from tests.contract.simulation_house import HOUR, START, theatre
from tocsin.escalation.v1.escalation_events_pb2 import EscalationChanged
from tocsin.escalation.v1.escalation_pb2 import Escalation
from tocsin.escalation.v1.escalation_service_pb2 import StopEscalationRequest
from tocsin.escalation.v1.escalation_watch_service_pb2 import WatchEscalationsResponse
from tocsin.escalation.v1.policy_pb2 import EscalationRule
from tocsin.escalation.v1.schedule_pb2 import Schedule, Shift
from tocsin.escalation.v1.user_pb2 import User

#: Names a call among those of a run; only who called knows it.
OF_THE_CALLER = {"call_number"}


async def test_a_watcher_is_told_all_that_is_published(tmp_path: Path) -> None:
    async with theatre(tmp_path) as stage:
        ann, bob = await stage.house.person("Ann"), await stage.house.person("Bob")
        later = Shift(user=User(id=bob), start=START + 9 * HOUR, end=START + 10 * HOUR)
        empty = await stage.schedule(
            Schedule(name="Later", timezone="UTC", type="STATIC", shifts=[later])
        )
        turns = [User(id=ann), User(id=bob)]
        policy_id = await stage.policy(
            EscalationRule(escalation_timeout=5, schedules=[Schedule(id=empty)]),
            EscalationRule(escalation_timeout=5, users=turns, distribution="ROUND_ROBIN"),
            EscalationRule(escalation_timeout=600, users=turns),
        )
        run = await stage.start(policy_id, "a")
        await stage.play(START + HOUR)
        stop = await stage.house.escalations("StopEscalation", StopEscalationRequest(id=run.id))
        assert stop.code is OK, stop.details
        published = await stage.house.told(EscalationChanged)
        current_principal.set(ADA)
        named = [(str(number), change) for number, change in enumerate(published)]
        told = await stage.house.db.read(watch.RUNS.tell, named)

    causes = [EscalationChanged.Cause.Name(each.cause) for each in told]
    assert causes == ["BEGUN", "LEVEL_SKIPPED", "STEPPED", "STEPPED", "ENDED"]
    for change, each in zip(published, told, strict=True):
        for field in set(EscalationChanged.DESCRIPTOR.fields_by_name) - OF_THE_CALLER:
            assert getattr(each, field) == getattr(change, field)
    _, skipped, first, _, ended = told
    assert [(reason.kind, reason.schedule_id) for reason in skipped.reasons] == [
        (EscalationChanged.Reason.NOBODY_ON_CALL, empty)
    ]
    assert (first.turn.count, len(first.reasons)) == (2, 1)
    assert [each.HasField("turn") for each in told] == [False, False, True, False, False]
    assert ended.state_before == Escalation.RUNNING


def test_a_watcher_is_told_the_same_by_the_same_names() -> None:
    ours, published = (
        {field.name: (field.type, field.message_type) for field in kind.DESCRIPTOR.fields}
        for kind in (WatchEscalationsResponse, EscalationChanged)
    )
    for name in published.keys() - OF_THE_CALLER:
        assert ours[name] == published[name]

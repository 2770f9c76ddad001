"""How a source is shown within its alerts."""

import pytest

from services.alertstate import sources
from services.alertstate.domain.alerts import Status
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

ON_CALL = EscalationPolicy(id=4, name="on-call")


@pytest.mark.parametrize(
    ("active", "standing", "shown"),
    [
        (None, {Status.PENDING, Status.ACCEPTED}, AlertSource.PENDING),
        (True, {Status.ACCEPTED}, AlertSource.ALL_ACCEPTED),
        (True, set(), AlertSource.ALL_RESOLVED),
        (False, {Status.PENDING}, AlertSource.DISABLED),
    ],
)
def test_a_source_stands_as_its_open_alerts_do(
    active: bool | None, standing: set[Status], shown: AlertSource.Status
) -> None:
    known = AlertSource(id=3, integration_key="a secret")
    if active is not None:
        known.active = active

    source = sources.shown(known, ON_CALL, standing)

    assert source.status == shown
    assert source.escalation_policy == ON_CALL
    assert not source.HasField("integration_key")

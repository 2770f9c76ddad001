"""Alert sources as they are shown within their alerts."""

from services.alertstate.domain.alerts import Status
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy
from tocsin.ingest.v1.alert_source_pb2 import AlertSource


def shown(
    known: AlertSource, policy: EscalationPolicy | None, standing: set[Status]
) -> AlertSource:
    """Renders a source with its policy, and how it stands by the states of its open alerts."""
    source = AlertSource()
    source.CopyFrom(known)
    source.ClearField("integration_key")
    if policy is not None:
        source.escalation_policy.CopyFrom(policy)
    if known.HasField("active") and not known.active:
        source.status = AlertSource.DISABLED
    elif Status.PENDING in standing:
        source.status = AlertSource.PENDING
    elif Status.ACCEPTED in standing:
        source.status = AlertSource.ALL_ACCEPTED
    else:
        source.status = AlertSource.ALL_RESOLVED
    return source

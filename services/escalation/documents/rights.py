"""A document gives nobody rights: each change asks for those of the call that makes it alone."""

from services.chassis.principal import caller
from services.chassis.rpc import access_of, refuse_disallowed
from tocsin.configuration.v1.configuration_service_pb2 import Change
from tocsin.escalation.v1 import (  # noqa: F401 # their options are looked up
    policy_service_pb2,
    schedule_service_pb2,
    support_hours_service_pb2,
    team_service_pb2,
    user_service_pb2,
)
from tocsin.ingest.v1 import alert_source_service_pb2  # noqa: F401 # as above
from tocsin.notification.v1 import contact_service_pb2  # noqa: F401 # as above

#: The service and the noun of the calls that change a record of a section.
CALLS = {
    "users": ("tocsin.escalation.v1.UserService", "User"),
    "contacts": ("tocsin.notification.v1.ContactService", "Contact"),
    "teams": ("tocsin.escalation.v1.TeamService", "Team"),
    "schedules": ("tocsin.escalation.v1.ScheduleService", "Schedule"),
    "supportHours": ("tocsin.escalation.v1.SupportHoursService", "SupportHours"),
    "escalationPolicies": ("tocsin.escalation.v1.PolicyService", "EscalationPolicy"),
    "alertSources": ("tocsin.ingest.v1.AlertSourceService", "AlertSource"),
}
VERBS = {Change.CREATE: "Create", Change.UPDATE: "Update", Change.DELETE: "Delete"}


def refuse_unless_allowed(change: Change) -> None:
    """Raises Forbidden unless the caller may make such a change by a call of its own."""
    service, noun = CALLS[change.section]
    # Contacts are made and deleted, never updated.
    verb = "Create" if change.section == "contacts" else VERBS[change.action]
    access = access_of(f"/{service}/{verb}{noun}")
    if access is None:
        raise LookupError(f"{service} has no {verb}{noun}")
    refuse_disallowed(caller(), access)

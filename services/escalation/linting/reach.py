"""Levels and policies that reach nobody, and the alert sources that depend on them."""

from collections.abc import Iterator, Sequence
from functools import partial

from services.escalation.domain.findings import Check, Finding, Place, Severity, Span
from services.escalation.domain.policies import Policy
from services.escalation.linting.outlook import Outlook
from tocsin.ingest.v1.alert_source_pb2 import AlertSource

POLICY, SOURCE = "escalation policy", "alert source"


def findings(outlook: Outlook, sources: Sequence[AlertSource]) -> Iterator[Finding]:
    """Yields what is wrong with whom policies reach."""
    never: set[int] = set()
    look = partial(_of_list, outlook, never)
    yield from outlook.each("escalation policies, and whom they page", outlook.policies, look)
    for source in sources:
        yield from _of_source(source, never)


def _of_list(outlook: Outlook, never: set[int], policy: Policy) -> Iterator[Finding]:
    levels = outlook.lists[policy.id]
    spans = outlook.without(levels)
    if _always(spans, outlook) and not any(map(outlook.calls, levels)):
        never.add(policy.id)
    yield from _of_policy(policy, spans, outlook)
    yield from _of_levels(policy, spans, outlook)


def _always(spans: Sequence[Span], outlook: Outlook) -> bool:
    return list(spans) == [(outlook.start, outlook.end)]


def _of_policy(policy: Policy, spans: Sequence[Span], outlook: Outlook) -> Iterator[Finding]:
    if not spans:
        return
    always = _always(spans, outlook)
    calls = any(map(outlook.calls, outlook.lists[policy.id]))
    besides = "; it only calls webhooks then" if calls else ""
    yield Finding(
        severity=Severity.WARNING if calls else Severity.ERROR,
        check=Check.POLICY_REACHES_NOBODY,
        place=Place(POLICY, str(policy.id), policy.name),
        message=f"reaches nobody {'at all' if always else _times(spans)}{besides}",
        advice="Add a last level with people who can always be paged.",
        times=() if always else spans,
        timezone=_zone(policy, outlook),
    )


def _of_levels(policy: Policy, known: Sequence[Span], outlook: Outlook) -> Iterator[Finding]:
    """Yields the levels that reach nobody at other times than the whole policy."""
    for index, level in enumerate(policy.levels):
        spans = outlook.without([level])
        if not spans or spans == known:
            continue
        always, now = _always(spans, outlook), spans[0][0] == outlook.start
        words = "at all" if always else f"{'now and ' if now else ''}{_times(spans)}"
        calls = outlook.calls(level)
        then = "it only calls webhooks then" if calls else "it is passed over then"
        yield Finding(
            severity=Severity.ERROR if always and not calls else Severity.WARNING,
            check=Check.LEVEL_REACHES_NOBODY,
            place=Place(POLICY, str(policy.id), policy.name, f"escalationRules[{index}]"),
            message=f"level {index + 1} reaches nobody {words}: {then}",
            advice="Close the gaps of its schedules, or name somebody besides.",
            times=() if always else spans,
            timezone=_zone(policy, outlook),
        )


def _of_source(source: AlertSource, never: set[int]) -> Iterator[Finding]:
    policy = source.escalation_policy
    if not policy.id:
        message = "has no escalation policy: its alerts page nobody"
    elif policy.id in never:
        message = f"follows escalation policy {policy.id}, which never reaches anybody"
    else:
        return
    yield Finding(
        severity=Severity.ERROR,
        check=Check.SOURCE_REACHES_NOBODY,
        place=Place(SOURCE, str(source.id), source.name, "escalationPolicy"),
        message=message,
        advice="Give it an escalation policy that reaches somebody.",
    )


def _zone(policy: Policy, outlook: Outlook) -> str:
    """Returns the zone of the first schedule of a policy."""
    ids = (id_ for level in policy.levels for id_ in level.schedules)
    known = outlook.world.rota.schedules
    return next((known[id_].timezone for id_ in ids if id_ in known), "")


def _times(spans: Sequence[Span]) -> str:
    return "once" if len(spans) == 1 else f"{len(spans)} times"

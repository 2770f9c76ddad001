"""Which policies follow one another: never in a circle, and never too many in a row."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from services.chassis.errors import InvalidRequest
from services.escalation.domain.policies import BUILT_IN, Policy

MOST_IN_A_ROW = 10


@dataclass(frozen=True, slots=True)
class Link:
    """What a policy is called, and which one follows it."""

    name: str  # empty when it isn't told
    fallback: int | None = None


def following(policy: Policy, find: Callable[[int], Policy | None]) -> Iterator[Policy]:
    """Yields the policies that follow one, one after another, as far as they are found."""
    for _ in range(MOST_IN_A_ROW - 1):
        found = find(policy.fallback) if policy.fallback else None
        if found is None:
            return
        yield found
        policy = found


def refuse_unknown(policy: Policy, known: Collection[int]) -> None:
    """Checks which policy follows one, given those that may. Raises InvalidRequest."""
    wanted = policy.fallback
    if wanted == BUILT_IN:
        raise InvalidRequest(
            f"fallback: escalation policy {BUILT_IN} is built in and follows no other",
            field="fallback",
        )
    if wanted is not None and wanted not in known:
        raise InvalidRequest(f"fallback: there is no escalation policy {wanted}", field="fallback")


def refuse_circles(links: Mapping[int, Link], policy_id: int) -> None:
    """Checks which policies follow which, as they would be once a policy is what is wanted.

    Those are all that there are. Raises InvalidRequest with the names of those in the way.
    """
    row = _row_through(links, policy_id)
    names = " → ".join(f"{links[id_].name} ({id_})".lstrip() for id_ in row)
    if len(set(row)) < len(row):
        raise InvalidRequest(f"fallback would lead in a circle: {names}", field="fallback")
    if len(row) > MOST_IN_A_ROW:
        raise InvalidRequest(
            f"at most {MOST_IN_A_ROW} policies may follow one another: {names}",
            field="fallback",
        )


def _row_through(links: Mapping[int, Link], policy_id: int) -> tuple[int, ...]:
    """Returns the longest row of policies that follow one another through one.

    One that leads in a circle ends with the policy that it comes back to.
    """
    after = _following(links, policy_id)
    if len(set(after)) < len(after):
        return after
    led_by: dict[int, list[int]] = {}
    for id_, link in links.items():
        if link.fallback is not None:
            led_by.setdefault(link.fallback, []).append(id_)
    before: tuple[int, ...] = ()
    newest: list[tuple[int, ...]] = [(policy_id,)]
    while newest:  # no circle leads here, or the way from here would be one
        before = newest[0]
        newest = [(first, *row) for row in newest for first in led_by.get(row[0], ())]
    return before[:-1] + after


def _following(links: Mapping[int, Link], policy_id: int) -> tuple[int, ...]:
    row, following = [policy_id], links[policy_id].fallback
    while following is not None and following in links:
        row.append(following)
        if following in row[:-1]:
            break
        following = links[following].fallback
    return tuple(row)

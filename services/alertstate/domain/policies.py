"""Which policy a new alert follows."""

from collections.abc import Iterable, Mapping


def choose(routing_keys: Iterable[str], by_routing_key: Mapping[str, int], otherwise: int) -> int:
    """Returns the policy of the first routing key that has one, else the source's."""
    for routing_key in routing_keys:
        if routing_key in by_routing_key:
            return by_routing_key[routing_key]
    return otherwise

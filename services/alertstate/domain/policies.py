"""Which policy an alert follows."""

from collections.abc import Iterable, Mapping


def routed(routing_keys: Iterable[str], by_routing_key: Mapping[str, int]) -> int:
    """Returns the policy of the first routing key that has one; 0 if none has."""
    for routing_key in routing_keys:
        if routing_key in by_routing_key:
            return by_routing_key[routing_key]
    return 0

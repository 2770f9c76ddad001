"""What Prometheus is told of messages.

Providers that are people's own addresses count together, by what sort they are: there is no
end to them.
"""

from collections import defaultdict
from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

from services.notification.domain.lanes import family
from services.notification.domain.values import Notification, Outcome
from services.notification.store.queue import Depth

PAGE_LATENCY = Histogram(
    "tocsin_page_latency_seconds",
    "From the acceptance of an event to the first attempt to page somebody.",
    ["priority", "channel"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300),
)
ATTEMPTS = Counter(
    "tocsin_notification_attempts",
    "Attempts to send a message: sent, retry, failed.",
    ["channel", "outcome"],
)
PROVIDER_SECONDS = Histogram(
    "tocsin_notification_provider_seconds",
    "How long providers take to answer.",
    ["provider"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
)
FAILING = Gauge(
    "tocsin_notification_providers_failing",
    "Providers that this process leaves alone for a while.",
    ["provider"],
)
QUEUE_DEPTH = Gauge(
    "tocsin_notification_queue_depth", "Messages that are due and wait.", ["provider"]
)
QUEUE_AGE = Gauge(
    "tocsin_notification_queue_age_seconds",
    "For how long the oldest message has been due that waits.",
    ["provider"],
)


def tell_attempt(notification: Notification, outcome: Outcome) -> None:
    """Counts an attempt."""
    ATTEMPTS.labels(notification.method, type(outcome).__name__.lower()).inc()


def provider_seconds(provider: str) -> AbstractContextManager[object]:
    """Measures how long a provider takes to answer."""
    return PROVIDER_SECONDS.labels(family(provider)).time()


def tell_failing(providers: Collection[str]) -> None:
    """Tells which providers are left alone."""
    FAILING.clear()
    for provider in providers:
        FAILING.labels(family(provider)).inc()


def tell_queue(depths: Collection[Depth], now: datetime) -> None:
    """Tells how many messages wait for which providers, and for how long."""
    counts: defaultdict[str, int] = defaultdict(int)
    ages: defaultdict[str, float] = defaultdict(float)
    for depth in depths:
        name = family(depth.provider)
        counts[name] += depth.count
        ages[name] = max(ages[name], (now - depth.oldest).total_seconds())
    QUEUE_DEPTH.clear()
    QUEUE_AGE.clear()
    for name in counts:
        QUEUE_DEPTH.labels(name).set(counts[name])
        QUEUE_AGE.labels(name).set(ages[name])

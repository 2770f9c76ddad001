"""On which terms tests take what is due: as if one provider carried it all."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from services.chassis.sealing import Sealer
from services.notification import pages
from services.notification.claims import Terms
from services.notification.domain.breaker import Breaker
from services.notification.domain.lanes import Admission
from services.notification.domain.values import Page
from services.notification.falling import Patience

#: What tests' secrets are sealed by.
SEALER = Sealer({"k1": b"k" * 32})
PATIENCE = Patience(timedelta(seconds=20), timedelta(seconds=120))


def _one(page: Page) -> str:
    return "one"


def terms(
    count: int = 10,
    *,
    provider_of: Callable[[Page], str] = _one,
    breakers: Mapping[str, Breaker] | None = None,
    seconds: float = 30.0,
    sealer: Sealer = SEALER,
) -> Terms:
    """Returns terms on which so many may be taken from each provider."""
    admission = Admission(free=100_000, each=count, busy={}, breakers=breakers or {})
    return Terms(admission, provider_of, pages.of, sealer, PATIENCE, seconds)

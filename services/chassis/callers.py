"""How many calls a minute callers may make: each API token, and each address that shows nothing
that is known.

An address counts only the calls for which it has no valid credential: whoever has one isn't
refused for what others behind the same address do. The services themselves are not limited.
"""

from collections.abc import Mapping

from services.chassis import addresses
from services.chassis import principal as principals
from services.chassis.config import Config
from services.chassis.limits import Limits
from services.chassis.principal import Principal

WHOSE, WHAT = "this address", "calls without a valid key"


class Callers:
    """The limits of callers."""

    def __init__(self, limits: Limits, config: Config) -> None:
        self._limits = limits
        self._of_token = config.token_calls_per_minute
        self._of_address = config.address_calls_per_minute
        self._edges = addresses.networks(config.trusted_edges)

    def recognise(self, peer: str, metadata: Mapping[str, str]) -> None:
        """Notes where a call comes from."""
        principals.address.set(addresses.caller(peer, metadata, self._edges))

    async def admit(self, caller: Principal) -> None:
        """Counts a call of somebody known. Raises RateLimited."""
        if caller.kind == "SERVICE":
            return
        await self.admit_by(f"token:{caller.id}", f"API token {caller.id}")

    async def admit_by(self, credential: str, name: str) -> None:
        """Counts a call by a credential of any kind. Raises RateLimited."""
        if not await self._limits.take(credential, self._of_token):
            raise self._limits.reached(name, self._of_token, "calls")

    async def stranger(self) -> None:
        """Counts a call for which nothing valid was shown. Raises RateLimited."""
        if not await self._limits.take(_key(), self._of_address):
            raise self._limits.reached(WHOSE, self._of_address, WHAT)

    def check_address(self) -> None:
        """Raises RateLimited if too many calls without anything valid came from there."""
        if not self._limits.has_room(_key(), self._of_address):
            raise self._limits.reached(WHOSE, self._of_address, WHAT)


def _key() -> str:
    return f"address:{addresses.grouped(principals.address.get())}"

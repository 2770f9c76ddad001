"""Reading a watch bit by bit."""

import asyncio
from typing import Any, Generic, TypeVar

import grpc
import grpc.aio

from services.chassis.watches import RESUME_TOKEN

SECONDS = 10

T = TypeVar("T")


class Watch(Generic[T]):
    """A stream of one type of answer; whoever waits for it waits so many seconds at most."""

    def __init__(self, call: Any, answer: type[T]) -> None:
        self.call = call
        self._answer = answer

    async def begun(self) -> str:
        """Waits until the watch stands somewhere and returns where."""
        async with asyncio.timeout(SECONDS):
            metadata = dict(await self.call.initial_metadata())
        return str(metadata.get(RESUME_TOKEN, ""))

    async def next(self) -> T:
        """Returns the next answer."""
        async with asyncio.timeout(SECONDS):
            told = await self.call.read()
        assert isinstance(told, self._answer), "the stream has ended"
        return told

    async def code(self) -> grpc.StatusCode:
        """Returns how the stream ended, waiting for it."""
        async with asyncio.timeout(SECONDS):
            code: grpc.StatusCode = await self.call.code()
        return code

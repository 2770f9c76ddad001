"""What services publish: said in their stead, and read back."""

from typing import TypeVar

from google.protobuf.message import Message
from nats.js.errors import NotFoundError

from services.chassis.bus import Bus, Outgoing, stream_name
from services.chassis.outbox import subject_of

M = TypeVar("M", bound=Message)


async def publish_as(bus: Bus, service: str, message: Message, *, key: str) -> None:
    """Publishes a message as a service does."""
    await bus.publish(
        Outgoing(
            f"{service}:{key}",
            subject_of(service, message),
            message.SerializeToString(),
            {"Tocsin-Type": message.DESCRIPTOR.full_name},
        )
    )


async def published(bus: Bus, service: str, message: type[M]) -> list[M]:
    """Returns what is on a service's stream of one type, oldest first, without repeats."""
    stream = stream_name(service)
    state = (await bus.js.stream_info(stream)).state
    found: dict[str, M] = {}
    for seq in range(max(state.first_seq, 1), state.last_seq + 1):
        raw = await bus.js.get_msg(stream, seq)
        headers = raw.headers or {}
        if headers["Tocsin-Type"] == message.DESCRIPTOR.full_name:
            found.setdefault(headers["Nats-Msg-Id"], message.FromString(raw.data or b""))
    return list(found.values())


async def forget(bus: Bus, *services: str) -> None:
    """Deletes the streams of services, where there are any."""
    for service in services:
        try:
            await bus.js.delete_stream(stream_name(service))
        except NotFoundError:
            continue

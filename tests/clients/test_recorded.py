"""What the vendor's clients send, byte for byte, and whether they can read what comes back.

Each file in recorded/ is one `client`: its `headers` go with each of its `exchanges`, which follow
one another. An exchange is a `call` of the client, its `method`, `path`, other `headers` and
`body` (an empty one is told by its length, an absent one not at all), and the `answer` that the
client needs:

- `status`, the only one that the client takes for a success, or for this error;
- `reads`, what the client makes of the JSON: objects by their fields, lists by what each item
  is, "text", "integer", "number" or "truth", "any", or the "@Name" of one of the file's `shapes`.
  What ends in "!" must be there; all else may be absent or null. Without `reads` there is no body;
- `is`, fields as they have to be;
- `learns`, words for later exchanges, by where they stand in the answer: `0.id`, or `name=x.id`;
- `repeat`, that the answer comes in the end.
"""

import http.client
import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.parts.suite import Suite
from tests.parts.waiting import eventually

FILES = sorted((Path(__file__).parent / "recorded").glob("*.json"))
TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "truth": (bool,),
    "any": (object,),
}
TIMES = {
    "hour_ago": timedelta(hours=-1),
    "now": timedelta(),
    "in_1_hour": timedelta(hours=1),
    "in_2_hours": timedelta(hours=2),
    "in_3_hours": timedelta(hours=3),
    "tomorrow": timedelta(days=1),
    "in_2_days": timedelta(days=2),
}


@dataclass(frozen=True)
class Answer:
    status: int
    media_type: str | None
    body: str


@pytest.mark.parametrize(
    "client", [pytest.param(json.loads(file.read_text()), id=file.stem) for file in FILES]
)
async def test_a_client_is_answered_as_it_expects(client: dict[str, Any], suite: Suite) -> None:
    words = known(suite)
    for exchange in client["exchanges"]:
        answer = await exchanged(suite, client, exchange, words)
        for word, place in exchange["answer"].get("learns", {}).items():
            words[word] = str(at(json.loads(answer.body), place))


def known(suite: Suite) -> dict[str, str]:
    """Returns what the placeholders stand for before anything is learned."""
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "token": suite.token,
        "key": suite.integration_key,
        "url": suite.url,
        "now_local": f"{now:%Y-%m-%dT%H:%M:%S}",
        **{name: f"{now + ahead:%Y-%m-%dT%H:%M:%SZ}" for name, ahead in TIMES.items()},
    }


async def exchanged(
    suite: Suite, client: dict[str, Any], exchange: dict[str, Any], words: dict[str, str]
) -> Answer:
    """Sends what the client would and returns the answer, which is what the client needs."""

    def attempt() -> Answer:
        answer = send(suite, client["headers"], exchange, words)
        wrong = faults(answer, exchange["answer"], client["shapes"])
        assert not wrong, f"{exchange['call']}: {'; '.join(wrong)}\n{answer}"
        return answer

    return await eventually(attempt) if exchange["answer"].get("repeat") else attempt()


def send(
    suite: Suite, headers: dict[str, str], exchange: dict[str, Any], words: dict[str, str]
) -> Answer:
    """Sends the bytes of an exchange, its placeholders filled, and nothing beside them."""
    in_path = {word: quote(value, safe="") for word, value in words.items()}
    path = string.Template(exchange["path"]).substitute(in_path)
    body = string.Template(exchange["body"]).substitute(words) if "body" in exchange else None
    connection = http.client.HTTPConnection(suite.address, timeout=10)
    try:
        connection.putrequest(exchange["method"], path, skip_accept_encoding=True)
        for name, value in (headers | exchange.get("headers", {})).items():
            connection.putheader(name, string.Template(value).substitute(words))
        if body is not None:
            connection.putheader("Content-Length", str(len(body.encode())))
        connection.endheaders(body.encode() if body else None)
        reply = connection.getresponse()
        return Answer(reply.status, reply.getheader("content-type"), reply.read().decode())
    finally:
        connection.close()


def faults(answer: Answer, needed: dict[str, Any], shapes: dict[str, Any]) -> list[str]:
    """Returns all in which an answer is not what the client needs."""
    if answer.status != needed["status"]:
        return [f"status {answer.status} instead of {needed['status']}"]
    if "reads" not in needed:
        return [f"a body {answer.body!r}"] if answer.body else []
    if answer.media_type != "application/json":
        return [f"content type {answer.media_type}"]
    document = json.loads(answer.body)
    found = misread(document, needed["reads"], shapes, "answer")
    for field, value in needed.get("is", {}).items():
        if document[field] != value:
            found.append(f"{field} is {document[field]!r} instead of {value!r}")
    for place in needed.get("learns", {}).values():
        if at(document, place) is None:
            found.append(f"nothing at {place}")
    return found


def misread(value: Any, shape: Any, shapes: dict[str, Any], where: str) -> list[str]:
    """Returns the places at which a value is not of a shape."""
    if isinstance(shape, str):
        name = shape.removesuffix("!")
        if value is None:
            return [f"{where} is missing"] if shape != name else []
        if name.startswith("@"):
            return misread(value, shapes[name[1:]], shapes, where)
        right = isinstance(value, TYPES[name]) and (name in ("truth", "any") or value is not True)
        return [] if right else [f"{where} is {value!r}, no {name}"]
    if not isinstance(value, type(shape)):
        return [] if value is None and where != "answer" else [f"{where} is {value!r}"]
    parts = (
        ((f"{where}[{index}]", item, shape[0]) for index, item in enumerate(value))
        if isinstance(shape, list)
        else ((f"{where}.{name}", value.get(name), part) for name, part in shape.items())
    )
    return [fault for place, part, of in parts for fault in misread(part, of, shapes, place)]


def at(document: Any, place: str) -> Any:
    """Returns what stands at a place like `0.id`; None if there is nothing."""

    def step(value: Any, part: str) -> Any:
        if isinstance(value, list) and "=" in part:
            field, _, wanted = part.partition("=")
            return next((item for item in value if item.get(field) == wanted), None)
        if isinstance(value, list):
            return value[int(part)] if int(part) < len(value) else None
        return value.get(part) if isinstance(value, dict) else None

    return reduce(step, place.split("."), document)

"""The requests of tests/corpus: what event doors are sent by nobody who read their contract.

Each file but `any.json` is a door: where it is, a body that it takes, and requests of its own. A
request differs from the door's in what it says:

    status          what is answered; 0 is the door's own success
    field           the field that the refusal names
    unrouted        refused before it has an id
    repair          what the event log says of a repair
    stores          how many events come of it, if not one for a success and none for a refusal
    verb path query headers     instead of the door's, or besides; a header of null is not sent
    text fill       what stands for ${TEXT}, as it is escaped in JSON; `fill` letters x
    set drop        members of the body by path; {"$repeat": [what, times]} stands for much of it
    member before_member        further members of the body, last and first, as they are written
    body before after cut       instead of the body, around it, and how many bytes to leave out
    nest inner tail             [opening, closing, times] after the body's last member, and what
                                is within and behind it
    charset         in which the body is written
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "corpus"
EVERY_DOOR = "any"
KNOWN = re.compile(r"\$\{(\w+)\}")
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Entry:
    """A request to a door."""

    door: str
    told: Mapping[str, Any]  # of the request
    base: Mapping[str, Any]  # of the door

    @property
    def method(self) -> str:
        """The RPC behind the door."""
        return str(self.base["method"])

    @property
    def refused(self) -> bool:
        """Whether it is to be refused."""
        return bool(self.told["status"])

    @property
    def repair(self) -> str:
        """What is to be found in the event's list of repairs."""
        return str(self.told.get("repair", ""))

    def __str__(self) -> str:
        return f"{self.door}: {self.told['name']}"

    def target(self, words: Mapping[str, str]) -> str:
        """The path and the query."""
        own = _filled(self.base["path"], words)
        path = _filled(self.told.get("path", own), {**words, "PATH": own})
        query = _filled(self.told.get("query", ""), words)
        return f"{path}?{query}" if query else path

    def headers(self, words: Mapping[str, str]) -> dict[str, str]:
        """The headers that are sent."""
        said = {**JSON, **self.base["headers"], **self.told.get("headers", {})}
        return {name: _filled(value, words) for name, value in said.items() if value is not None}

    def body(self, words: Mapping[str, str]) -> bytes:
        """The body, with the words in their places."""
        told = self.told
        text = told.get("text", "corpus") if "fill" not in told else "x" * told["fill"]
        whole = _filled(self._shape(), {**words, "TEXT": text})
        if "body" in told and "fill" in told and "${TEXT}" not in told["body"]:
            whole += text
        encoded = whole.encode(told.get("charset", "utf-8"))
        return encoded[: -told["cut"]] if "cut" in told else encoded

    def _shape(self) -> str:
        told = self.told
        whole: str = told.get("body", self.base["body"])
        if "set" in told or "drop" in told:
            whole = _changed(whole, told.get("set", {}), told.get("drop", ()))
        if "before_member" in told:
            whole = whole.replace("{", "{" + told["before_member"] + ", ", 1)
        inserted = _nested(told)
        if "member" in told:
            whole = f"{whole[:-1]}, {told['member']}{inserted}}}"
        else:
            whole += inserted
        return f"{told.get('before', '')}{whole}{told.get('after', '')}"


def entries() -> Iterator[Entry]:
    """Every request to every door, those that all doors are sent first."""
    shared = _read(EVERY_DOOR)["requests"]
    for file in sorted(FOLDER.glob("*.json")):
        if file.stem != EVERY_DOOR:
            base = _read(file.stem)
            for told in (*shared, *base["requests"]):
                yield Entry(file.stem, told, base)


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def _filled(text: str, words: Mapping[str, str]) -> str:
    return KNOWN.sub(lambda match: words.get(match[1], match[0]), text)


def _nested(told: Mapping[str, Any]) -> str:
    opening, closing, times = told.get("nest", ("", "", 0))
    return f"{opening * times}{told.get('inner', '')}{closing * times}{told.get('tail', '')}"


def _changed(whole: str, wanted: Mapping[str, Any], dropped: list[str]) -> str:
    document = json.loads(whole)
    for path, value in wanted.items():
        place, name = _place(document, path)
        if isinstance(place, list) and name == len(place):
            place.append(None)
        place[name] = _repeated(value)
    for path in dropped:
        place, name = _place(document, path)
        del place[name]
    return json.dumps(document, ensure_ascii=False)


def _place(document: Any, path: str) -> tuple[Any, Any]:
    *outer, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in outer:
        document = document[part]
    return document, last


def _repeated(value: Any) -> Any:
    match value:
        case {"$repeat": [str(text), times]}:
            return "".join(text.replace("#", str(number)) for number in range(times))
        case {"$repeat": [items, times]}:
            return items * times
    return value

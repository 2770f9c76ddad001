"""What event doors are sent by nobody who read their contract.

Each request has its answer in the caller's dialect, none a fault inside; what is refused is not
stored, what is accepted is not lost, and none costs much.
"""

import json
import re
import secrets
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator as Validator

from deploy.envoy.methods import Protos
from deploy.openapi.dialects import ERRORS
from tests.parts.corpus import Entry, entries
from tests.parts.raw_http import Answer, send
from tests.parts.suite import Suite

GEN = Path(__file__).parents[2] / "gen"
DOCUMENT = json.loads((GEN / "openapi.json").read_text())
PROTOS = Protos((GEN / "tocsin.binpb").read_bytes())
METHODS = {method.full_name: method for method in PROTOS.methods()}
ALL = list(entries())
ENTRIES = [entry for entry in ALL if entry.method in METHODS]  # the doors that there are
MOST_CPU_SECONDS = 0.25  # 0.1, and what other work on the same cores makes of it
STRANGER = "il1" + "s" * 40
# The built-in source, 1, tells of what was refused when it comes to it.
NEWEST = """
    SELECT seq, source_id, repairs FROM event
    WHERE note = '' AND source_id > 1 AND seq > ? ORDER BY seq
"""


class House:
    """A suite with a source for each door, and what there is to see of it from below."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self._words: dict[str, dict[str, str]] = {}
        pids = (suite.pid_of("ingest"), suite.pid_of("envoy"))
        self._tasks = [Path(f"/proc/{pid}/task") for pid in pids]
        self._database = suite.folder / "data" / "ingest.db"

    def words(self, entry: Entry) -> dict[str, str]:
        """What the placeholders of a door stand for; makes its source."""
        if entry.door not in self._words:
            self._words[entry.door] = self._new_source(entry.base["integrationType"])
        return self._words[entry.door]

    def send(self, entry: Entry) -> Answer:
        """Sends a request."""
        words = self.words(entry)
        verb = entry.told.get("verb", "POST")
        headers, body = entry.headers(words), entry.body(words)
        return send(self.suite.address, verb, entry.target(words), headers, body)

    def events(self, after: int = 0) -> list[Any]:
        """The events that were stored after another one."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as connection:
            return connection.execute(NEWEST, [after]).fetchall()

    def cpu_seconds(self) -> float:
        """What the edge and ingest have computed so far, all threads of them."""
        files = (file for tasks in self._tasks for file in tasks.glob("*/schedstat"))
        return sum(int(file.read_text().split()[0]) for file in files) / 1e9

    def _new_source(self, integration_type: str) -> dict[str, str]:
        told = {
            "name": f"{integration_type} {secrets.token_hex(4)}",
            "integrationType": integration_type,
            "escalationPolicy": {"id": int(self.suite.credentials["TOCSIN_POLICY_ID"])},
        }
        with self.suite.client() as client:
            made = client.post("/api/alert-sources", json=told)
        assert made.status_code == 201, made.text
        source = made.json()
        return {
            "ID": str(source["id"]),
            "KEY": source["integrationKey"],
            "NAME": source["name"],
            "STRANGER": STRANGER,
            "TOKEN": self.suite.token,
            "URL_PATH": source["integrationUrl"].removeprefix(self.suite.url),
        }


@pytest.fixture(scope="module")
def house(suite: Suite) -> House:
    return House(suite)


def test_there_are_many_and_half_of_them_are_refused() -> None:
    refused = sum(entry.refused for entry in ALL)

    assert len(ALL) >= 200
    assert 0.4 < refused / len(ALL) < 0.6
    names = [str(entry) for entry in ALL]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("entry", ENTRIES, ids=str)
def test_a_request_has_its_answer_and_its_event(house: House, entry: Entry) -> None:
    method = METHODS[entry.method]
    key = house.words(entry)["KEY"]
    last = (house.events() or [(0,)])[-1][0]
    before = house.cpu_seconds()

    answer = house.send(entry)

    spent = house.cpu_seconds() - before
    said = f"{answer.status} {answer.body[:1000]!r}"
    assert answer.status == (entry.told["status"] or method.success or 200), said
    assert spent < MOST_CPU_SECONDS, f"{spent:.3f} s"
    assert key.encode() not in answer.body
    check_shape(answer, entry)
    stored = house.events(last)
    assert len(stored) == entry.told.get("stores", 0 if entry.refused else 1), said
    for _, source_id, repairs in stored:
        assert str(source_id) == house.words(entry)["ID"]
        assert entry.repair in repairs


def check_shape(answer: Answer, entry: Entry) -> None:
    """Checks that an answer looks as the caller's dialect has it."""
    assert answer.headers["content-type"] == "application/json"
    assert "x-request-id" in answer.headers or "unrouted" in entry.told
    assert "set-cookie" not in answer.headers
    schema = error_schema(entry) if entry.refused else success_schema(entry)
    body: Mapping[str, Any] = json.loads(answer.body)
    Validator({**schema, "components": DOCUMENT["components"]}).validate(body)
    if entry.refused:
        assert body.keys() <= schema["properties"].keys()
        assert body.get("status", answer.status) == answer.status or isinstance(body["status"], str)
    if "field" in entry.told:
        errors = body["errors"]
        named = (
            [one["source"]["field"] for one in errors] if isinstance(errors, list) else [*errors]
        )
        assert named == [entry.told["field"]]


def error_schema(entry: Entry) -> Mapping[str, Any]:
    """The error body of the entry's door."""
    return ERRORS[METHODS[entry.method].dialect]


def success_schema(entry: Entry) -> Mapping[str, Any]:
    """What the document says of the door's reply; that of a sister, of a path of its own."""
    method = METHODS[entry.method]
    (binding,) = method.bindings
    (operation,) = (
        verbs[binding.verb.lower()]
        for path, verbs in DOCUMENT["paths"].items()
        if path.count("/") == binding.template.count("/") and re.fullmatch(binding.regex, path)
    )
    reply = operation["responses"][str(method.success or 200)]
    found: Mapping[str, Any] = reply["content"]["application/json"]["schema"]
    return found

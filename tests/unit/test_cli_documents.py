"""Documents as people write them: read strictly, by what the fields are."""

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from hypothesis import given
from hypothesis import strategies as st

from services.cli.client import documents
from services.cli.client.calling import Refused
from tests.parts.documents import WHOLE
from tocsin.configuration.v1.configuration_pb2 import Configuration

HOURS = """
supportHours:
- name: no
  timezone: UTC
  supportDays:
    MONDAY: {start: 09:00, end: 17:00:00}
    SUNDAY: ~
  exceptions:
  - {name: 007, start: 2026-12-24, end: 2026-12-26, supportStatus: OUTSIDE}
"""


def told(text: str) -> Any:
    return MessageToDict(documents.parse(text))


def test_words_are_what_their_fields_are() -> None:
    (hours,) = told(HOURS)["supportHours"]

    assert hours["name"] == "no"
    assert hours["supportDays"] == {"MONDAY": {"start": "09:00", "end": "17:00:00"}}
    assert hours["exceptions"][0] == {
        "name": "007",
        "start": "2026-12-24",
        "end": "2026-12-26",
        "supportStatus": "OUTSIDE",
    }


def test_numbers_truths_and_moments_are_read_where_they_belong() -> None:
    text = """
    escalationPolicies:
    - name: 12
      repeating: TRUE
      frequency: 3
      routingKey:
      escalationRules: [{escalationTimeout: 0, users: [{email: a@b}]}]
    schedules:
    - schedule: {name: "off", type: STATIC, timezone: UTC}
      overrides: [{user: {email: a@b}, start: 2026-01-01T00:00:00Z, end: 2026-01-02T02:00:00+02:00}]
    """

    found = told(text)

    assert found["escalationPolicies"][0]["name"] == "12"
    assert found["escalationPolicies"][0]["repeating"] is True
    assert found["escalationPolicies"][0]["frequency"] == 3
    assert "routingKey" not in found["escalationPolicies"][0]
    assert found["schedules"][0]["schedule"]["name"] == "off"
    assert found["schedules"][0]["overrides"][0]["end"] == "2026-01-02T00:00:00Z"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("users: [{frstName: Ada}]", "users[0].frstName: there is no such field; is firstName"),
        ('{"users": [{"frstName": "Ada"}]}', "users[0].frstName: there is no such field"),
        ("usres: []", "usres: there is no such field; is users meant?"),
        ("users: {}", "users must be a list"),
        ("users: [Ada]", "users[0] must be an object"),
        ("- users", "the document must be an object"),
        ("users: [{firstName: [Ada]}]", "users[0].firstName must be a single value"),
        ('{"users": [{"firstName": 7}]}', "users[0].firstName must be a text, in quotes"),
        ("users: [{role: KING}]", "users[0].role must be RESPONDER, USER, ADMIN"),
        ("users: [{role: 3}]", "users[0].role must be RESPONDER"),
        ("escalationPolicies: [{frequency: 3.5}]", "frequency must be a whole number, not 3.5"),
        ("escalationPolicies: [{frequency: 99999999999}]", "must be a smaller number"),
        ('{"escalationPolicies": [{"frequency": true}]}', "must be a whole number, not True"),
        ("escalationPolicies: [{repeating: on}]", "repeating must be true, false, not on"),
        (
            "schedules: [{overrides: [{start: 2026-01-01T00:00}]}]",
            "schedules[0].overrides[0].start must be a point in time with a zone",
        ),
        (
            "supportHours: [{supportDays: [MONDAY]}]",
            "supportHours[0].supportDays must be an object",
        ),
        ("users:\n- email: a@b\n  email: c@d", "line 3: email is there twice"),
        ('{"users": [{"email": "a", "email": "b"}]}', "email is there twice in one object"),
        ('{"users": [}', "line 1: no JSON"),
        ("users: [", "no YAML"),
        ("users: []\n---\nusers: []", "line 2: no YAML"),
        ("? [a]\n: b", "line 1: a name must be a text"),
        ("users: !!python/object:os.system []", "the tag"),
        ("users: !secret []", "the tag !secret means nothing here"),
        ("users: " + "[" * 60 + "]" * 60, "it is deeper than"),
        ('{"users": ' + "[" * 100_000 + "]" * 100_000 + "}", "it is deeper than"),
        ("users: " + "[" * 100_000 + "]" * 100_000, "it is deeper than"),
    ],
)
def test_what_is_no_document_is_refused_with_its_place(text: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        documents.parse(text)
    assert why in str(refused.value)


def test_anchors_stand_for_parts_but_not_for_endless_ones() -> None:
    shared = "teams:\n- &a {name: A, visibility: PRIVATE}\n- *a\n"
    assert [each["name"] for each in told(shared)["teams"]] == ["A", "A"]

    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
    )
    with pytest.raises(Refused, match="more than"):
        documents.parse(bomb)
    with pytest.raises(Refused):
        documents.parse("users: &a [*a]")


def test_yaml_and_json_say_the_same() -> None:
    document = ParseDict(WHOLE, Configuration())

    assert documents.parse(documents.to_yaml(document)) == document
    assert documents.parse(documents.to_json(document)) == document
    assert documents.parse(json.dumps(WHOLE, indent="\t")) == document


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
def test_every_text_survives_both(name: str) -> None:
    document = Configuration()
    document.teams.add(name=name)

    assert documents.parse(documents.to_yaml(document)) == document
    assert documents.parse(documents.to_json(document)) == document


def test_an_empty_file_is_an_empty_document(tmp_path: Path) -> None:
    for text in ("", "# nothing\n", "{}", "---\n"):
        (tmp_path / "file").write_text(text)
        assert documents.read(str(tmp_path / "file")) == Configuration()


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"users: \xff")
    (tmp_path / "large").write_bytes(b"#" * (documents.LARGEST_BYTES + 1))

    for name, why in (
        ("nothing", "cannot be read"),
        ("latin", "is not UTF-8"),
        ("large", "is larger than"),
    ):
        with pytest.raises(Refused, match=why):
            documents.read(str(tmp_path / name))

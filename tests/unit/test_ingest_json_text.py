"""Careless JSON, taken apart: where what is nested deeply begins and ends, and what it costs."""

import json
import time

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.errors import InvalidRequest
from services.ingest.dialects import json_text
from tests.parts.anything import ANYTHING

OPENING = st.lists(st.sampled_from(["[", '{"k":', '[[{"]":', '["}",', "[{},"]), min_size=40)
CLOSED_BY = {"[": "]", "{": "}"}


def deep(opening: list[str]) -> str:
    """Returns a value that begins like this, deeper than is read, with a text innermost."""
    begun, expected, in_text = "".join(opening), "", False
    for mark in begun:
        in_text ^= mark == '"'
        if not in_text and mark in CLOSED_BY:
            expected = CLOSED_BY[mark] + expected
        elif not in_text and mark in CLOSED_BY.values():
            expected = expected[1:]
    return f'{begun}"]}}"{expected}'


@settings(deadline=None)
@given(OPENING, ANYTHING)
def test_what_is_deep_ends_where_it_should(opening: list[str], beside: object) -> None:
    told = deep(opening)
    body = f'{{"before": {json.dumps(beside)}, "deep" : {told} , "after":{json.dumps(beside)}}}'

    found = json_text.read(body.encode())

    assert found.too_deep == {"deep": told}
    assert found.values == orjson.loads(json.dumps({"before": beside, "after": beside}))


@pytest.mark.parametrize("change", [("]]}", "]}"), ("]]}", "]]]}"), ("]]}", "]}}"), ("]]}", '"]}')])
def test_what_is_not_closed_as_it_was_opened_is_refused(change: tuple[str, str]) -> None:
    body = '{"a":' + "[" * 50 + "]" * 50 + "}"
    assert json_text.read(body.encode()).too_deep["a"] == body[5:-1]

    with pytest.raises(InvalidRequest):
        json_text.read(body.replace(*change).encode())


@pytest.mark.parametrize(
    "body",
    [
        '{"a":' + "[" * 250_000 + "]" * 250_000 + "}",
        '{"a":' + '[{"b":' * 60_000 + "0" + "}]" * 60_000 + "}",
        "{" + ",".join(f'"a":"{number:020}"' for number in range(15_000)) + "}",
    ],
    ids=["brackets", "mixed", "repeats"],
)
def test_odd_bodies_cost_no_more_than_their_size(body: str) -> None:
    started = time.process_time()
    json_text.read(body.encode(), ["a"])
    assert time.process_time() - started < 1  # about 0.1 where nothing else runs

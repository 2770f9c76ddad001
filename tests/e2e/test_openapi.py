"""The document that the edge serves is true: no request that is made of it finds a fault inside.

The requests fit the document, or break it in one place each; the same ones each time.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.transport import Response

from tests.parts.suite import Suite, running_suite

GEN = Path(__file__).parents[2] / "gen"
DOCUMENT: dict[str, Any] = json.loads((GEN / "openapi.json").read_text())
EXAMPLES = 6  # a mode and an operation: about a minute for all
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
#: Where the doors of other vendors and our own look for a key in a body.
KEY_FIELDS = ("apiKey", "integrationKey", "routing_key")
TRY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def operations() -> list[tuple[str, str]]:
    """The verb and path of each operation that ends; what deletes comes last."""
    found = [
        (verb.upper(), path)
        for path, verbs in DOCUMENT["paths"].items()
        for verb, operation in verbs.items()
        if "text/event-stream" not in operation["responses"].get("200", {}).get("content", {})
    ]
    return sorted(found, key=lambda one: one[0] == "DELETE")


def by_id(document: dict[str, Any]) -> dict[str, Any]:
    """The document with things in things by their ids alone: to make whole ones takes minutes."""
    lean: dict[str, Any] = json.loads(json.dumps(document))
    schemas = lean["components"]["schemas"]
    things = [name for name, one in schemas.items() if "id" in one.get("properties", {})]
    references = [f"#/components/schemas/{name}" for name in things]

    def short(schema: dict[str, Any]) -> dict[str, Any]:
        if schema.get("$ref") in references:
            return {"type": "object", "properties": {"id": {"type": "integer"}}}
        return {**schema, "items": short(schema["items"])} if "items" in schema else schema

    for schema in schemas.values():
        told = schema.get("properties", {})
        schema["properties"] = {name: short(inner) for name, inner in told.items()}
    return lean


SCHEMA = schemathesis.openapi.from_dict(by_id(DOCUMENT))


class Stranger:
    """Sends what is made of the document, with credentials that open everything."""

    def __init__(self, suite: Suite) -> None:
        with suite.client() as client:
            # Of no person: one is deleted here sooner or later.
            made = client.post("/api/tokens", json={"name": "stranger", "scopes": ["admin"]})
        assert made.status_code == 201, made.text
        self.token = str(made.json()["token"])
        self.suite = suite
        self.session = requests.Session()
        self.session.trust_env = False

    def send(self, case: "Case[Any]", opens: bool, there: bool) -> Response:
        """Sends a request; `opens` shows the key of a source, `there` asks for things that are."""
        shown = self.suite.integration_key if opens else self.token
        if opens and isinstance(case.body, dict):
            for name in set(KEY_FIELDS) & case.body.keys():
                case.body[name] = self.suite.integration_key
        if there:
            for name in case.path_parameters or {}:
                case.path_parameters[name] = 1
        headers = {"Authorization": f"Bearer {shown}"}
        return case.call(base_url=self.suite.url, headers=headers, session=self.session)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stranger]:
    """Of a suite of its own: what it changes at random nobody else could work with."""
    with running_suite(tmp_path_factory.mktemp("suite")) as suite:
        stranger = Stranger(suite)
        yield stranger
        shown = {"Authorization": f"Bearer {stranger.token}"}
        still = httpx.get(f"{suite.url}/api/tokens", headers=shown, trust_env=False)
        assert still.status_code == 200, "the token was lost, so not all was tried"


@pytest.mark.parametrize("path", ["/openapi.json", "/api-docs/openapi.json", "/openapi.json?x=1"])
def test_the_document_is_served(suite: Suite, path: str) -> None:
    answer = httpx.get(f"{suite.url}{path}", trust_env=False)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == DOCUMENT
    head = httpx.head(f"{suite.url}{path}", trust_env=False)
    assert (head.status_code, head.content) == (200, b"")


def test_the_document_is_only_read(suite: Suite) -> None:
    answer = httpx.post(f"{suite.url}/openapi.json", json={}, trust_env=False)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert answer.json()["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(("verb", "path"), operations())
def test_nothing_that_fits_the_document_or_nearly_does_is_a_fault(
    stranger: Stranger, verb: str, path: str
) -> None:
    operation = SCHEMA[path][verb]
    for mode in MODES:

        @TRY
        @seed(1)
        @given(
            case=operation.as_strategy(generation_mode=mode),
            opens=st.booleans(),
            there=st.booleans(),
        )
        def ask(case: "Case[Any]", opens: bool, there: bool) -> None:
            answer = stranger.send(case, opens, there)
            said = f"{answer.text}\n{case.as_curl_command()}"
            assert answer.status_code < 500, said

        try:
            ask()
        except Unsatisfiable:
            assert mode == GenerationMode.NEGATIVE, "nothing fits"  # anything fits, then

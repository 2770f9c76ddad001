"""The routes at which the edge itself answers what it can do: with the OpenAPI document."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: The second one is where ilert's command line looks for it.
PATHS = ("/openapi.json", "/api-docs/openapi.json")
VERBS = ("GET", "HEAD")
ALLOW = {"key": "allow", "value": ", ".join(VERBS)}


def routes(document: Path, filters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The document's routes, with these configurations of filters."""
    verbs = {"name": ":method", "string_match": {"safe_regex": {"regex": "|".join(VERBS)}}}
    for path in map(re.escape, PATHS):
        yield {
            "name": "openapi",
            "match": {"safe_regex": {"regex": path}, "headers": [verbs]},
            "direct_response": {"status": 200, "body": {"filename": str(document)}},
            "typed_per_filter_config": filters,
        }
        yield {
            "name": "openapi",
            "match": {"safe_regex": {"regex": path}},
            "direct_response": {"status": 405},
            "response_headers_to_add": [{"header": ALLOW}],
            "typed_per_filter_config": filters,
        }

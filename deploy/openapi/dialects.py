"""How each dialect tells an error, and where it wants the credential of an event door."""

from collections.abc import Mapping, Sequence
from typing import Any

from deploy.openapi.schemas import Schema

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}


def _object(*required: str, description: str, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "description": description,
        "required": list(required),
        "properties": properties,
    }


_FAULT = _object(
    "code",
    "message",
    description="One thing that is wrong.",
    code=TEXT,
    message=TEXT,
    source=_object(
        "field", "pointer", description="The field that is at fault.", field=TEXT, pointer=TEXT
    ),
)
_LIMIT = _object(
    "name",
    "limit",
    "remaining",
    "retry_after",
    description="The limit that was reached; with status 429 only.",
    name=TEXT,
    limit=NUMBER,
    remaining=NUMBER,
    retry_after=TEXT,
)

#: The error body of each dialect: of HttpHints.Dialect, by name.
ERRORS: Mapping[str, Schema] = {
    "ILERT": _object(
        "status",
        "message",
        "code",
        description="Why a request was refused.",
        status={**NUMBER, "description": "The HTTP status."},
        message={**TEXT, "description": "Why, for a person."},
        code={**TEXT, "description": "Why, for a program."},
    ),
    "INCIDENT_IO": _object(
        "type",
        "status",
        "request_id",
        "errors",
        description="Why a request was refused, as incident.io tells it.",
        type=TEXT,
        status=NUMBER,
        request_id=TEXT,
        errors={"type": "array", "items": _FAULT},
        rate_limit=_LIMIT,
    ),
    "TTYOPS": _object(
        "error",
        "message",
        description="Why a request was refused, at the paths of ttyops.",
        error=TEXT,
        message=TEXT,
    ),
    "PAGERDUTY": _object(
        "status",
        "message",
        "errors",
        description="Why a request was refused, as PagerDuty tells it.",
        status=TEXT,
        message=TEXT,
        errors={"type": "array", "items": TEXT},
    ),
    "OPSGENIE": _object(
        "message",
        "took",
        "requestId",
        description="Why a request was refused, as Opsgenie tells it.",
        message=TEXT,
        errors={"type": "object", "additionalProperties": TEXT},
        took={"type": "number"},
        requestId=TEXT,
    ),
}

TOKEN = "token"
SECURITY_SCHEMES: Mapping[str, Mapping[str, str]] = {
    TOKEN: {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token. The bare token, without `Bearer`, will do too.",
    },
    "integrationKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "The integration key of an alert source.",
    },
    "integrationKeyInQuery": {
        "type": "apiKey",
        "in": "query",
        "name": "token",
        "description": "The integration key of an alert source; it reaches no log.",
    },
    "genieKey": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`GenieKey` and the integration key of an alert source.",
    },
}
#: What opens the event doors of a dialect; in the others the body or the path carries the key.
DOOR_KEYS: Mapping[str, Sequence[Mapping[str, Sequence[str]]]] = {
    "INCIDENT_IO": [{"integrationKey": []}, {"integrationKeyInQuery": []}],
    "OPSGENIE": [{"genieKey": []}],
}


def schema_name(dialect: str) -> str:
    """What the error body of a dialect is called in the document."""
    return dialect.title().replace("_", "") + "Error"


def response(dialect: str) -> dict[str, Any]:
    """The error reply of a dialect."""
    schema = {"$ref": f"#/components/schemas/{schema_name(dialect)}"}
    return {
        "description": ERRORS[dialect]["description"],
        "content": {"application/json": {"schema": schema}},
    }

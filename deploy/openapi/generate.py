"""Renders the OpenAPI document of the REST edge from the protos.

protoc --include_imports --include_source_info --descriptor_set_out=/dev/stdout ... |
    python -m deploy.openapi.generate > gen/openapi.json
"""

import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2 as pb

from deploy.envoy.methods import Protos
from deploy.openapi import dialects
from deploy.openapi.comments import Comments
from deploy.openapi.operations import Operations, checked
from deploy.openapi.schemas import Schemas

#: The dialect of pages, which programs have no use for.
PAGE = "PAGE"
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
ABOUT = """\
Every path of the REST edge: Tocsin's own, which speak ilert's dialect, and the doors for tools \
that were made for other vendors. Each method is also a gRPC method; most of what there is to say \
about it stands in the protos."""


def document(descriptor_set: bytes, version: str) -> dict[str, Any]:
    """The document; `descriptor_set` has source info. Raises ValueError for what it can't tell."""
    protos = Protos(descriptor_set)
    methods = [method for method in protos.methods() if method.dialect != PAGE]
    comments = Comments(protos.files)
    schemas = Schemas(protos.files, comments)
    told = dict(_told(protos))
    operations = Operations(comments, schemas)
    paths = checked(
        operation
        for method in methods
        for operation in operations.of(method, told[method.full_name])
    )
    spoken = sorted({method.dialect for method in methods if method.bindings})
    errors = {dialects.schema_name(name): name for name in spoken}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tocsin",
            "version": version,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "Where this document is."}],
        "tags": [{"name": tag} for tag in _tags(paths)],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas.made()
            | {name: dialects.ERRORS[dialect] for name, dialect in errors.items()},
            "responses": {name: dialects.response(dialect) for name, dialect in errors.items()},
            "securitySchemes": dict(dialects.SECURITY_SCHEMES),
        },
    }


def _told(protos: Protos) -> Iterator[tuple[str, pb.MethodDescriptorProto]]:
    for file in protos.files:
        for service in file.service:
            for method in service.method:
                yield f"{file.package}.{service.name}/{method.name}", method


def _tags(paths: dict[str, dict[str, Any]]) -> list[str]:
    operations = (operation for verbs in paths.values() for operation in verbs.values())
    return sorted({tag for operation in operations for tag in operation["tags"]})


def main() -> None:
    """Reads a descriptor set from standard input and prints the document."""
    version = tomllib.loads(PROJECT.read_text())["project"]["version"]
    made = document(sys.stdin.buffer.read(), version)
    print(json.dumps(made, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()

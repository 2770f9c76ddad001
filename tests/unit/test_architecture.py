"""Who may know whom, and that nothing is open by accident."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from services.chassis.principal import INTERNAL, SCOPES
from services.chassis.rpc import access_of

ROOT = Path(__file__).parents[2]
SERVICES = ROOT / "services"
FILES = sorted(path.relative_to(ROOT) for path in SERVICES.rglob("*.py"))
SHARED = {"chassis", "calendar"}
PURE = {
    "__future__",
    "abc",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "itertools",
    "math",
    "operator",
    "re",
    "typing",
    "unicodedata",
    "zoneinfo",
}
#: What of the services is as pure as a domain.
PURE_SERVICES = ("services.chassis.errors.", "services.chassis.texts.", "services.calendar.")
for _service in (ROOT / "gen").rglob("*_service_pb2.py"):  # fills the descriptor pool
    importlib.import_module(".".join(_service.relative_to(ROOT / "gen").with_suffix("").parts))
DESCRIPTORS = descriptor_pb2.FileDescriptorSet.FromString(
    (ROOT / "gen" / "tocsin.binpb").read_bytes()
)


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def methods() -> Iterator[tuple[str, str]]:
    for file in DESCRIPTORS.file:
        if file.package.startswith("tocsin."):
            for service in file.service:
                for method in service.method:
                    yield file.package, f"/{file.package}.{service.name}/{method.name}"


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_service_imports_itself_and_what_is_shared_only(file: Path) -> None:
    service = file.parts[1]
    allowed = {"chassis"} if service in SHARED else {service, *SHARED}
    others = {name.split(".")[1] for name in imports(file) if name.startswith("services.")}
    assert others - {service} <= allowed


@pytest.mark.parametrize(
    "file",
    [file for file in FILES if file.stem == "domain" or {"domain", "calendar"} & set(file.parts)],
    ids=str,
)
def test_a_domain_imports_what_is_pure_only(file: Path) -> None:
    own = ".".join(file.parts[: file.parts.index("domain")] if "domain" in file.parts else ())
    for name in imports(file):
        assert (
            name.split(".")[0] in PURE
            or name.startswith(PURE_SERVICES)
            or (own and name.startswith(f"{own}.domain"))
        ), f"{file} imports {name}"


def test_every_method_says_who_may_call_it() -> None:
    silent = [method for _, method in methods() if access_of(method) is None]
    assert silent == []


def test_every_scope_that_a_method_asks_for_can_be_given() -> None:
    asked = {
        access.scope
        for _, method in methods()
        if (access := access_of(method)) is not None and not access.open
    }
    assert asked <= {*SCOPES, INTERNAL}


def test_what_is_internal_is_internal_by_package_and_by_scope() -> None:
    for package, method in methods():
        access = access_of(method)
        assert access is not None
        assert (".internal." in package) == (access.scope == INTERNAL), method


def test_a_method_that_says_nothing_is_refused() -> None:
    assert access_of("/grpc.testing.Nothing/Do") is None

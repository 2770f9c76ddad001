"""Who may call what, on whose things: every method, every role, every place.

What is expected comes from the protos' options and the four small tables below, which are
written out by hand; that every method is called comes from walking the descriptors.
"""

import importlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from services.chassis.principal import SCOPES
from services.escalation.domain.users import Role
from services.escalation.token_rules import SCOPES_OF
from services.notification import changing
from tests.contract.authorisation_house import PLACES, House, all_services
from tests.contract.authorisation_things import ENTRIES, furnish
from tocsin.edge.v1 import options_pb2

PROTOS = Path(__file__).parents[2] / "gen" / "tocsin.binpb"
Access = options_pb2.Access
ROLES: tuple[str, ...] = (*Role, "machine", "bound", "bound admin")

#: Whose things each sees; a person is in the team "own" by the same role.
EVERYWHERE = frozenset(PLACES)
SEES: dict[str, frozenset[str]] = {
    role: frozenset({"nobodys", "own", "other"}) for role in ROLES
} | {
    Role.ADMIN: EVERYWHERE,
    "bound": frozenset({"own"}),
    "bound admin": frozenset({"own"}),
}
#: Whose alerts each may answer, holding the scope.
ANSWERS: dict[str, frozenset[str]] = {
    **SEES,
    Role.GUEST: frozenset({"nobodys", "other"}),  # in "own" they are a STAKEHOLDER
    Role.STAKEHOLDER: frozenset({"nobodys", "other"}),
    Role.VIEWER: frozenset({"nobodys", "other"}),
}
#: Whose configuration each may change, holding the scope.
CHANGES: dict[str, frozenset[str]] = {role: frozenset({"nobodys"}) for role in ROLES} | {
    Role.USER: frozenset({"nobodys", "own"}),
    Role.ADMIN: EVERYWHERE,
    "bound": frozenset({"own"}),
    "bound admin": frozenset({"own"}),
}
HELD: dict[str, frozenset[str]] = {
    **{str(role): scopes for role, scopes in SCOPES_OF.items()},
    "machine": frozenset(SCOPES) - {"admin"},
    "bound": frozenset(SCOPES) - {"admin"},
    "bound admin": frozenset(SCOPES),
}


def methods() -> Iterator[Any]:
    """Yields every method of the protos that callers can reach."""
    files = descriptor_pb2.FileDescriptorSet.FromString(PROTOS.read_bytes())
    for file in files.file:
        if file.package.startswith("tocsin."):
            importlib.import_module(f"{file.name.removesuffix('.proto').replace('/', '.')}_pb2")
            for service in file.service:
                name = f"{file.package}.{service.name}"
                found = descriptor_pool.Default().FindServiceByName(name)
                yield from found.methods


def access_of(method: Any) -> Any:
    return method.GetOptions().Extensions[options_pb2.access]


def is_public(method: Any) -> bool:
    return ".internal." not in method.full_name and not access_of(method).open


@dataclass(frozen=True)
class Case:
    """One call of the matrix."""

    method: Any
    role: str
    place: str

    def __str__(self) -> str:
        return f"{self.method.name} by {self.role} on {self.place}"


def test_every_method_says_who_may_call_it() -> None:
    for method in methods():
        access = access_of(method)
        assert access.open != bool(access.scope), method.full_name
        assert access.open or access.teams, f"{method.full_name} says nothing of teams"
        assert set(access.also) <= set(SCOPES), method.full_name
        assert access.open or access.scope in (*SCOPES, "internal"), method.full_name


def test_every_method_is_in_the_matrix() -> None:
    reachable = {method.full_name for method in methods() if is_public(method)}
    assert set(ENTRIES) == reachable


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(changing, "MOST_CONTACTS", 10_000)  # all that is made is one person's
    async with all_services(tmp_path) as opened:
        await furnish(opened)
        yield opened


async def test_the_matrix(house: House) -> None:
    wrong: list[str] = []
    for method in filter(is_public, methods()):
        for role in ROLES:
            for place in PLACES:
                if {role, place} & ENTRIES[method.full_name].not_for:
                    continue
                case = Case(method, role, place)
                told = await outcome(house, case)
                wanted = expected(case)
                if told != wanted:
                    wrong.append(f"{case}: {told}, not {wanted}")
    assert not wrong, f"{len(wrong)} differ:\n" + "\n".join(wrong)


async def outcome(house: House, case: Case) -> str:
    """Returns what became of a call: a word, or whether a list has the thing of the place."""
    entry = ENTRIES[case.method.full_name]
    thing = house.things[case.place]
    if entry.fresh and refusable(case):
        thing = await entry.fresh(house, thing)
    request = entry.request(thing)
    try:
        reply = await house.call(case.method, request, house.callers[case.role])
    except grpc.aio.AioRpcError as error:
        return refusal(error)
    if entry.shows is None:
        return "done"
    return "listed" if entry.shows(reply, thing) else "left out"


def refusable(case: Case) -> bool:
    """Tells whether a call gets as far as to ask for its thing."""
    return expected(case) != "no scope"


def refusal(error: grpc.aio.AioRpcError) -> str:
    status = rpc_status.from_call(error)
    info = error_details_pb2.ErrorInfo()
    if status is not None and status.details:
        status.details[0].Unpack(info)
    match error.code():
        case grpc.StatusCode.PERMISSION_DENIED:
            return "no scope" if info.reason == "SCOPE_MISSING" else "denied"
        case grpc.StatusCode.NOT_FOUND:
            return "hidden"
        case grpc.StatusCode.FAILED_PRECONDITION:
            return "done"  # let in: the thing itself stands in the way
        case _:
            return f"{error.code().name}: {error.details()}"


def expected(case: Case) -> str:
    access = access_of(case.method)
    held = HELD[case.role]
    if not any(scope in held for scope in (access.scope, *access.also)):
        return "no scope"
    sees, answers, changes = (case.place in table[case.role] for table in (SEES, ANSWERS, CHANGES))
    match access.teams:
        case Access.LISTED if ENTRIES[case.method.full_name].shows is None:
            return "done"  # a watch: that it leaves out is tested apart
        case Access.LISTED:
            return "listed" if sees else "left out"
        case Access.SEEN:
            return "done" if sees else "hidden"
        case Access.ANSWERED:
            return ("done" if answers else "denied") if sees else "hidden"
        case Access.CHANGED:
            return ("done" if changes else "denied") if sees else "hidden"
        case Access.GIVEN:
            return "done" if changes else "denied"
        case _:
            return ENTRIES[case.method.full_name].otherwise.get(case.role, "done")

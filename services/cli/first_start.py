"""What a first start makes, through the public stubs: a person, a token, a policy, a source.

A first start without Ingest makes no source; the first one with it does.

A start that was cut off is completed by the next one: what exists is found again, and what
only one reply ever shows (the token, the integration key) is remembered until credentials.env
is written, which is the last step.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypedDict, TypeVar

import grpc
import grpc.aio

from services.chassis import tokens
from services.chassis.principal import ADMIN
from services.cli.folder import OF_INGEST, Folder
from services.cli.settings import CannotStart
from tocsin.escalation.v1.policy_pb2 import EscalationPolicy, EscalationRule
from tocsin.escalation.v1.policy_service_pb2 import (
    CreateEscalationPolicyRequest,
    ListEscalationPoliciesRequest,
)
from tocsin.escalation.v1.policy_service_pb2_grpc import PolicyServiceStub
from tocsin.escalation.v1.token_pb2 import ApiToken
from tocsin.escalation.v1.token_service_pb2 import (
    CreateTokenRequest,
    RevokeTokenRequest,
)
from tocsin.escalation.v1.token_service_pb2_grpc import TokenServiceStub
from tocsin.escalation.v1.user_pb2 import User
from tocsin.escalation.v1.user_service_pb2 import CreateUserRequest, ListUsersRequest
from tocsin.escalation.v1.user_service_pb2_grpc import UserServiceStub
from tocsin.ingest.v1.alert_source_pb2 import AlertSource
from tocsin.ingest.v1.alert_source_service_pb2 import CreateAlertSourceRequest
from tocsin.ingest.v1.alert_source_service_pb2_grpc import AlertSourceServiceStub
from tocsin.notification.v1.contact_pb2 import Contact
from tocsin.notification.v1.contact_service_pb2 import CreateContactRequest, ListContactsRequest
from tocsin.notification.v1.contact_service_pb2_grpc import ContactServiceStub

T = TypeVar("T")


class _Call(TypedDict):
    """What goes with every call."""

    metadata: tuple[tuple[str, str], ...]
    timeout: float


PERSON = User(first_name="On", last_name="Call", email="oncall@example.com", role="ADMIN")
TOKEN_NAME = "tocsin up"
POLICY_NAME = "Default"
SOURCE_NAME = "Default"
SERVICE_NAME = "default"
LEVEL_SECONDS = (20, 300)
CALL_SECONDS = 5.0
PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = 0.1
#: What a service answers until the news of what was just made has reached it.
PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.INVALID_ARGUMENT,
}


def bootstrap(folder: Folder) -> str:
    """Returns the `id:hash` of the token that makes a first start possible; empty later."""
    if folder.read_credentials() is not None:
        return ""
    progress = folder.read_progress()
    token = tokens.parse(progress.get("bootstrap", "")) or tokens.new_token()
    folder.write_progress({**progress, "bootstrap": str(token)})
    return f"{token.id}:{token.sha256().hex()}"


async def credentials(
    folder: Folder, address: str, url: str, *, ingests: bool = True
) -> dict[str, str]:
    """Returns what credentials.env says, and makes what it tells of at the first start."""
    known = folder.read_credentials()
    told = dict(known or {})
    if known is None or (ingests and not told.keys() >= set(OF_INGEST)):
        async with grpc.aio.insecure_channel(address) as channel:
            try:
                told = await _FirstStart(folder, channel, told).make(ingests=ingests)
            except grpc.aio.AioRpcError as error:
                raise CannotStart(
                    f"the first start was cut off ({error.details()}): start again, and it goes on"
                ) from error
    told["URL"] = url
    if told != known:  # at the first start, and when TOCSIN_HTTP is another one
        folder.write_credentials(told)
    return told


class _FirstStart:
    def __init__(self, folder: Folder, channel: grpc.aio.Channel, known: Mapping[str, str]) -> None:
        """Takes what an earlier first start without Ingest has made."""
        self._folder = folder
        self._known = known
        self._progress = folder.read_progress()
        self._users = UserServiceStub(channel)
        self._tokens = TokenServiceStub(channel)
        self._policies = PolicyServiceStub(channel)
        self._sources = AlertSourceServiceStub(channel)
        self._contacts = ContactServiceStub(channel)

    async def make(self, *, ingests: bool) -> dict[str, str]:
        """Makes what is not there yet and returns what credentials.env shall say."""
        made = dict(self._known) or await self._people()
        if ingests:
            policy_id = int(made["POLICY_ID"])
            await patiently(lambda: self._source(policy_id))
            await patiently(lambda: self._service(policy_id))
            made["INTEGRATION_KEY"] = self._progress["integration_key"]
            made["SOURCE_ID"] = self._progress["source_id"]
        await patiently(self._revoke_bootstrap)
        return made

    async def _people(self) -> dict[str, str]:
        user_id = await patiently(self._user)
        await patiently(lambda: self._token(user_id))
        policy_id = await patiently(lambda: self._policy(user_id))
        await patiently(lambda: self._contact(user_id))
        token = self._progress["token"]
        return {"TOKEN": token, "USER_ID": str(user_id), "POLICY_ID": str(policy_id)}

    async def _user(self) -> int:
        listed = await self._users.ListUsers(ListUsersRequest(), **self._as_admin())
        for user in listed.users:
            if user.email.casefold() == PERSON.email:
                return user.id
        made = await self._users.CreateUser(CreateUserRequest(user=PERSON), **self._as_admin())
        return made.id

    async def _token(self, user_id: int) -> None:
        if "token" in self._progress:
            return
        wanted = ApiToken(name=TOKEN_NAME, scopes=[ADMIN], user_id=user_id)
        request = CreateTokenRequest(token=wanted)
        made = await self._tokens.CreateToken(request, **self._as_admin())
        self._remember(token=made.token)

    async def _policy(self, user_id: int) -> int:
        stub = self._policies
        request = ListEscalationPoliciesRequest()
        listed = await stub.ListEscalationPolicies(request, **self._as_admin())
        for policy in listed.escalation_policies:
            if policy.name == POLICY_NAME:
                return policy.id
        rules = [
            EscalationRule(escalation_timeout_seconds=seconds, users=[User(id=user_id)])
            for seconds in LEVEL_SECONDS
        ]
        wanted = EscalationPolicy(name=POLICY_NAME, escalation_rules=rules)
        create = CreateEscalationPolicyRequest(escalation_policy=wanted)
        made = await stub.CreateEscalationPolicy(create, **self._as_admin())
        return made.id

    async def _contact(self, user_id: int) -> None:
        request = ListContactsRequest(user_id=user_id)
        listed = await self._contacts.ListContacts(request, **self._as_admin())
        if any(contact.method == Contact.TERMINAL for contact in listed.contacts):
            return
        wanted = Contact(method="TERMINAL")
        create = CreateContactRequest(user_id=user_id, contact=wanted)
        await self._contacts.CreateContact(create, **self._as_admin())

    async def _source(self, policy_id: int) -> None:
        if "integration_key" in self._progress:
            return
        policy = EscalationPolicy(id=policy_id)
        made = await self._make_source(
            AlertSource(name=SOURCE_NAME, integration_type="API", escalation_policy=policy)
        )
        self._remember(integration_key=made.integration_key, source_id=str(made.id))

    async def _service(self, policy_id: int) -> None:
        """Makes the service of ttyops that its guide's sample names."""
        if "service_id" in self._progress:
            return
        policy = EscalationPolicy(id=policy_id)
        made = await self._make_source(
            AlertSource(name=SERVICE_NAME, integration_type="TTYOPS", escalation_policy=policy)
        )
        self._remember(service_id=str(made.id))

    async def _make_source(self, wanted: AlertSource) -> AlertSource:
        request = CreateAlertSourceRequest(alert_source=wanted)
        return await self._sources.CreateAlertSource(request, **self._as_admin())

    async def _revoke_bootstrap(self) -> None:
        if "bootstrap" not in self._progress:
            return
        token = tokens.parse(self._progress["bootstrap"])
        assert token is not None
        request = RevokeTokenRequest(id=token.id)
        try:
            await self._tokens.RevokeToken(request, **self._as_admin())
        except grpc.aio.AioRpcError as error:
            if error.code() != grpc.StatusCode.NOT_FOUND:  # gone is what it should be
                raise

    def _as_admin(self) -> _Call:
        made = self._known.get("TOKEN") or self._progress.get("token")
        token = made or self._progress["bootstrap"]
        return {"metadata": (("authorization", f"Bearer {token}"),), "timeout": CALL_SECONDS}

    def _remember(self, **made: str) -> None:
        self._progress |= made
        self._folder.write_progress(self._progress)


async def patiently(step: Callable[[], Awaitable[T]]) -> T:
    """Takes a step until it succeeds; one that is taken twice finds what the first made."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        try:
            return await step()
        except grpc.aio.AioRpcError as error:
            if error.code() not in PASSING or asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(PAUSE_SECONDS)

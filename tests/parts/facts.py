"""An owner of facts, as the services that copy them see it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc.aio

from services.chassis.database import Database
from services.chassis.facts import FactServicer
from tocsin.chassis.internal.v1 import fact_service_pb2_grpc


@asynccontextmanager
async def serving_facts(db: Database, *kinds: str, port: int = 0) -> AsyncIterator[str]:
    """Serves the facts of these kinds that a database has, to anybody; yields the address."""
    server = grpc.aio.server()
    fact_service_pb2_grpc.add_FactServiceServicer_to_server(FactServicer(db, kinds), server)
    chosen = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield f"127.0.0.1:{chosen}"
    finally:
        await server.stop(None)

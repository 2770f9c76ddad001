"""The environment, once, as a frozen value. A misspelt name is an error."""

import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, ValidationError


class Config(BaseModel, frozen=True, extra="forbid"):
    """What differs between one deployment of a service and another."""

    #: SQLAlchemy URL of the service's own database: `sqlite:///…` or `postgresql+psycopg://…`.
    database_url: str
    #: URL of the NATS server or cluster; several are comma-separated.
    nats_url: str
    #: Where gRPC is served, as `host:port`.
    listen: str
    #: Where Prometheus finds the metrics, as `host:port`; empty for nowhere.
    metrics_listen: str = ""
    #: The token by which this service makes itself known to the others.
    service_token: str = ""
    #: The services whose tokens are recognised, as `name=sha256` pairs, comma-separated.
    service_token_hashes: str = ""
    #: gRPC addresses of the other services, where they are needed.
    ingest_address: str = ""
    alertstate_address: str = ""
    escalation_address: str = ""
    notification_address: str = ""
    #: What links to this deployment begin with.
    public_url: str = "http://127.0.0.1:8080"
    #: The networks that the edge connects from, comma-separated: its word about where a call
    #: came from is believed.
    edge_networks: str = "127.0.0.0/8,::1/128"
    #: Size cap of the stream that the service publishes to.
    stream_max_bytes: int = Field(default=256 * 1024 * 1024, ge=4 * 1024 * 1024)
    #: Copies that NATS keeps of the stream: 1 on a single server, 3 in a cluster.
    stream_replicas: int = Field(default=1, ge=1, le=5)
    #: The durables that must have read a message before it is purged; empty for the usual ones.
    stream_readers: str = ""
    #: Seconds between "not ready" and the end of serving, for load balancers to notice.
    drain_seconds: float = Field(default=0.0, ge=0)
    #: The keys that seal stored secrets, as `id:base64key` pairs, comma-separated; the first seals.
    sealing_keys: str = Field(default="", repr=False)
    #: Where such keys are, readable by this service alone; made when there is no key at all.
    sealing_key_file: Path | None = None
    #: Holds an offset in seconds that is added to the clock; tests only.
    clock_offset_file: Path | None = None

    @classmethod
    def from_env(cls, prefix: str) -> Self:
        """Reads the `<prefix><FIELD>` variables.

        Raises SystemExit with one line per fault.
        """
        told = {
            name.removeprefix(prefix).lower(): value
            for name, value in os.environ.items()
            if name.startswith(prefix)
        }
        try:
            return cls.model_validate_strings(told)
        except ValidationError as error:
            faults = (
                f"{prefix}{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
                for fault in error.errors()
            )
            raise SystemExit("\n".join(faults)) from None

"""What a process tells about itself: JSON log lines and Prometheus metrics.

Logs go to standard error, one line per decision that an operator would ask about.
"""

import atexit
import logging
from collections.abc import Sequence

import structlog
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, start_http_server
from structlog.tracebacks import ExceptionDictTransformer

from services.chassis.lines import Lines

RPC_SECONDS = Histogram(
    "tocsin_rpc_seconds", "How long calls took.", ["method"], buckets=(0.005, 0.02, 0.1, 0.5, 2, 10)
)
RPC_TOTAL = Counter("tocsin_rpc_total", "Calls answered, by status.", ["method", "code"])
OUTBOX_DEPTH = Gauge("tocsin_outbox_depth", "Messages that wait to leave.")
OUTBOX_AGE = Gauge("tocsin_outbox_age_seconds", "Age of the oldest message that waits to leave.")
DEAD_LETTERS = Counter("tocsin_dead_letters_total", "Messages that could not be acted on.")

STANDARD_ERROR = 2


def configure_logging(service: str) -> None:
    """Sends this process's log lines, and its libraries' warnings, out as JSON."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Without local variables: those of a failed call hold credentials and bodies.
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        _named(service),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers[:] = [_handler(shared)]
    root.setLevel(logging.INFO)
    for chatty in ("httpx", "httpcore", "alembic", "nats"):  # httpx logs whole URLs
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It prints headers that it cannot read, credentials among them.
    logging.getLogger("grpc").setLevel(logging.CRITICAL)


def _handler(shared: Sequence[structlog.typing.Processor]) -> logging.Handler:
    """Returns what writes lines: who reads our standard error must not stop us."""
    lines = Lines(STANDARD_ERROR)
    atexit.register(lines.close)
    handler = logging.StreamHandler(lines)
    handler.terminator = ""  # a line knows where it ends
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    return handler


def serve_metrics(address: str) -> None:
    """Serves /metrics on `host:port` for as long as the process runs; nowhere if empty."""
    if address:
        host, port = address.rsplit(":", 1)
        start_http_server(int(port), host, registry=REGISTRY)


def _named(service: str) -> structlog.typing.Processor:
    def add(
        logger: object, method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        event["service"] = service
        return event

    return add

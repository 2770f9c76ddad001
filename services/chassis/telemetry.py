"""What a process tells about itself: JSON log lines and Prometheus metrics.

Logs go to standard error, one line per decision that an operator would ask about.
"""

import logging
import sys

import structlog
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, start_http_server

RPC_SECONDS = Histogram(
    "tocsin_rpc_seconds", "How long calls took.", ["method"], buckets=(0.005, 0.02, 0.1, 0.5, 2, 10)
)
RPC_TOTAL = Counter("tocsin_rpc_total", "Calls answered, by status.", ["method", "code"])
OUTBOX_DEPTH = Gauge("tocsin_outbox_depth", "Messages that wait to leave.")
OUTBOX_AGE = Gauge("tocsin_outbox_age_seconds", "Age of the oldest message that waits to leave.")
DEAD_LETTERS = Counter("tocsin_dead_letters_total", "Messages that could not be acted on.")


def configure_logging(service: str) -> None:
    """Sends this process's log lines, and its libraries' warnings, out as JSON."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.dict_tracebacks,
        _named(service),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for chatty in ("httpx", "httpcore", "alembic", "nats"):  # httpx logs whole URLs
        logging.getLogger(chatty).setLevel(logging.WARNING)


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

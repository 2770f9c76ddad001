"""What a process tells about itself: JSON log lines and Prometheus metrics.

Logs go to standard error, one line per decision that an operator would ask about.
"""

import logging
import queue
import sys
from contextlib import suppress
from logging.handlers import QueueHandler, QueueListener

import structlog
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, start_http_server
from structlog.tracebacks import ExceptionDictTransformer

RPC_SECONDS = Histogram(
    "tocsin_rpc_seconds", "How long calls took.", ["method"], buckets=(0.005, 0.02, 0.1, 0.5, 2, 10)
)
RPC_TOTAL = Counter("tocsin_rpc_total", "Calls answered, by status.", ["method", "code"])
OUTBOX_DEPTH = Gauge("tocsin_outbox_depth", "Messages that wait to leave.")
OUTBOX_AGE = Gauge("tocsin_outbox_age_seconds", "Age of the oldest message that waits to leave.")
DEAD_LETTERS = Counter("tocsin_dead_letters_total", "Messages that could not be acted on.")


MOST_WAITING_LINES = 10_000


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
    writer = logging.StreamHandler(sys.stderr)
    writer.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    lines: queue.Queue[logging.LogRecord] = queue.Queue(MOST_WAITING_LINES)
    QueueListener(lines, writer).start()
    root = logging.getLogger()
    root.handlers[:] = [_Dropping(lines)]
    root.setLevel(logging.INFO)
    for chatty in ("httpx", "httpcore", "alembic", "nats"):  # httpx logs whole URLs
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It prints headers that it cannot read, credentials among them.
    logging.getLogger("grpc").setLevel(logging.CRITICAL)


class _Dropping(QueueHandler):
    """Hands lines to the writer's thread: who reads our standard error must not stop us."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record  # its structure is for the writer

    def enqueue(self, record: logging.LogRecord) -> None:
        with suppress(queue.Full):
            self.queue.put_nowait(record)


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

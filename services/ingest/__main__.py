"""The service as a process: `python -m services.ingest`."""

import asyncio

from services.ingest import app
from services.ingest.config import Config


def main() -> None:
    """Runs the service until it is told to stop."""
    asyncio.run(app.run(Config.from_env("TOCSIN_INGEST_")))


if __name__ == "__main__":
    main()

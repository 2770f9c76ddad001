"""Runs Ingest with what its environment says: `python -m services.ingest`."""

import asyncio

from services.ingest import app
from services.ingest.config import Config

if __name__ == "__main__":
    asyncio.run(app.run(Config.from_env("TOCSIN_INGEST_")))

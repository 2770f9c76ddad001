"""Runs Escalation with what its environment says: `python -m services.escalation`."""

import asyncio

from services.escalation import app
from services.escalation.config import Config

if __name__ == "__main__":
    asyncio.run(app.run(Config.from_env("TOCSIN_ESCALATION_")))

"""Runs AlertState with what its environment says: `python -m services.alertstate`."""

import asyncio

from services.alertstate import app
from services.alertstate.config import Config

if __name__ == "__main__":
    asyncio.run(app.run(Config.from_env("TOCSIN_ALERTSTATE_")))

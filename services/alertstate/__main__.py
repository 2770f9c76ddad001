"""Runs AlertState with what the environment says."""

import asyncio

from services.alertstate.app import run
from services.alertstate.config import Config

asyncio.run(run(Config.from_env("TOCSIN_ALERTSTATE_")))

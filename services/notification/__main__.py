"""`python -m services.notification` runs the service."""

import asyncio

from services.notification.app import run
from services.notification.config import Config

if __name__ == "__main__":
    asyncio.run(run(Config.from_env("TOCSIN_NOTIFICATION_")))

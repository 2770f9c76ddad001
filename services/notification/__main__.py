"""Runs Notification with what its environment says: `python -m services.notification`."""

import asyncio

from services.notification import app
from services.notification.config import Config

if __name__ == "__main__":
    asyncio.run(app.run(Config.from_env("TOCSIN_NOTIFICATION_")))

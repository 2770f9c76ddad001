"""Puts the pages together."""

import grpc.aio

from services.chassis.service import Service
from services.notification.config import Config
from services.notification.links import Links
from services.notification.web import files
from services.notification.web.caller import Doors
from services.notification.web.console import Console
from services.notification.web.message_pages import MessagePages
from services.notification.web.owners import Owners
from services.notification.web.rendering import Renderer
from services.notification.web.servicer import PageServicer
from services.notification.web.visiting import Visits


def pages(
    base: Service,
    config: Config,
    links: Links,
    alerts: grpc.aio.Channel | None,
    others: grpc.aio.Channel,
) -> PageServicer:
    """Returns what shows the pages; the channels are those on which this service is known."""
    there = bool(config.alertstate_address)
    doors = Doors(
        base.door(config.alertstate_address) if there else None,
        base.door(config.escalation_address),
    )
    made = files.load()
    renderer = Renderer(made)
    messages = MessagePages(
        base.database, base.clock, links, base.callers, Owners(alerts, others), renderer
    )
    secure = config.public_url.startswith("https://")
    visits = Visits(base.database, base.clock, base.callers, doors, renderer, secure=secure)
    return PageServicer(messages, visits, Console(base.database, doors, renderer), made)

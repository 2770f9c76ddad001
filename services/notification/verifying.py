"""Codes that show whose a contact is: sent by the way that pages go, and said by the person.

A code is sealed wherever it is at rest, so that no list, event or log tells it.
"""

import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.chassis.errors import InvalidRequest, RateLimited, TocsinError, WrongState
from services.chassis.sealing import Sealer
from services.chassis.sql import take_turns
from services.notification import changes, changing, targets
from services.notification.contact_book import ContactBook
from services.notification.domain.values import (
    Contact,
    Intent,
    Kind,
    Notification,
    State,
    reached_by,
)
from services.notification.store import contacts, notifications, verifications
from services.notification.store.verifications import Verification

#: The kind of the subjects that such messages are about.
SUBJECT = "verification"
HEADLINE = "Your Tocsin code"
SPENT = "its code works no more: the contact was verified, or changed"
DIGITS = 6
WORTH = timedelta(minutes=15)
MOST_TRIES = 5
HOUR = timedelta(hours=1)
MOST_TO_CONTACT = 5  # within an hour
MOST_TO_PERSON = 10  # as above


async def send(book: ContactBook, user_id: int, contact_id: int) -> Notification:
    """Sends a code to a contact, and returns the message that brings it.

    Raises NotFound, Forbidden, WrongState, RateLimited, InvalidRequest.
    """
    changing.refuse_others(user_id)
    await book.require(user_id)
    await book.get(user_id, contact_id)
    return await book.database.write(_send, book.means, user_id, contact_id)


async def confirm(book: ContactBook, user_id: int, contact_id: int, code: str) -> Contact:
    """Verifies a contact. Raises NotFound, Forbidden, WrongState, InvalidRequest.

    That a code was said is remembered also when it is refused.
    """
    changing.refuse_others(user_id)
    outcome = await book.database.write(_confirm, book.means, user_id, contact_id, code)
    if isinstance(outcome, TocsinError):
        raise outcome
    return outcome


def opened_code(connection: Connection, sealer: Sealer, contact_id: int) -> str:
    """Returns the code that a contact is to be sent; empty if none works any more.

    Raises Unavailable if it cannot be opened.
    """
    sent = verifications.newest(connection, contact_id)
    if sent is None or not sent.sealed_code:
        return ""
    return sealer.open(sent.sealed_code, context(sent.id))


def context(verification_id: int) -> str:
    """Returns the place that a code is sealed for."""
    return f"verification:{verification_id}:code"


def _send(
    connection: Connection, means: changing.Means, user_id: int, contact_id: int
) -> Notification:
    take_turns(connection, contacts.TURN)
    contact, now = contacts.get(connection, user_id, contact_id), means.clock.now(connection)
    if contact.verified:
        raise WrongState(f"contact {contact_id} is verified already")
    targets.refuse_missing(contact.method, means.offer)
    _refuse_too_many(connection, contact, now)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    number = verifications.number(connection)
    sent = Verification(
        id=number,
        contact_id=contact_id,
        user_id=user_id,
        sealed_code=means.sealer.seal(code, context(number)),
        sent_at=now,
        expires_at=now + WORTH,
    )
    verifications.add(connection, sent)
    return _schedule(connection, now, contact, sent, means)


def _schedule(
    connection: Connection,
    now: datetime,
    contact: Contact,
    sent: Verification,
    means: changing.Means,
) -> Notification:
    way = next(each for each in reached_by(contact.method) if each in means.offer.ways)
    intent = Intent(
        escalation_key=f"{SUBJECT}:{contact.id}:{sent.id}",
        cycle=0,
        level=0,
        user_id=contact.user_id,
        level_count=0,
        subject_kind=SUBJECT,
        subject_id=str(contact.id),
        episode=sent.id,
        title=HEADLINE,
        details="",
        links=(),
        priority="HIGH",
        request_time=now,
        next_step_time=None,
        accept_time=None,
    )
    notifications.add_intent(connection, intent)
    message = Notification(
        id=changes.number(connection),
        key=f"{intent.escalation_key}:{contact.user_id}:{contact.id}",
        kind=Kind.VERIFICATION,
        escalation_key=intent.escalation_key,
        cycle=0,
        level=0,
        user_id=contact.user_id,
        method=way.value,
        target=contact.target,
        headline=HEADLINE,
        subject_kind=SUBJECT,
        subject_id=intent.subject_id,
        state=State.PENDING,
        at=now,
        expires_at=sent.expires_at,
        contact_id=contact.id,
    )
    changes.schedule(connection, now, message)
    return message


def _refuse_too_many(connection: Connection, contact: Contact, now: datetime) -> None:
    verifications.forget_old(connection, contact.user_id, now - 24 * HOUR)
    sent = verifications.since(connection, contact.user_id, now - HOUR)
    there = [each for each in sent if each.contact_id == contact.id]
    for those, most, whose in (
        (there, MOST_TO_CONTACT, f"contact {contact.id}"),
        (sent, MOST_TO_PERSON, f"user {contact.user_id}"),
    ):
        if len(those) >= most:
            wait = (those[most - 1].sent_at + HOUR - now).total_seconds()
            told = f"{whose} is sent {most} codes an hour at most; try again in {wait:.0f} s"
            raise RateLimited(told, name=whose, limit=most, retry_after=max(wait, 1.0))


def _confirm(
    connection: Connection, means: changing.Means, user_id: int, contact_id: int, code: str
) -> Contact | TocsinError:
    take_turns(connection, contacts.TURN)
    contact, now = contacts.get(connection, user_id, contact_id), means.clock.now(connection)
    if contact.verified:
        return contact  # a retry
    sent = verifications.newest(connection, contact_id)
    if sent is None or sent.expires_at <= now:
        return WrongState(f"no code that works was sent to contact {contact_id}: send one")
    if sent.tries >= MOST_TRIES:
        return WrongState(f"{MOST_TRIES} codes were wrong: send another one")
    verifications.count_try(connection, sent.id)
    expected = means.sealer.open(sent.sealed_code, context(sent.id))
    if not hmac.compare_digest(code.encode(), expected.encode()):
        left = MOST_TRIES - sent.tries - 1
        return InvalidRequest(f"code is wrong; {left} tries are left", field="code")
    return changing.verify(connection, now, contact)

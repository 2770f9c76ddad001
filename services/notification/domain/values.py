"""What notification knows: who is to be told what, by which way, and how that stands."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from services.notification.domain.news import News


class Method(StrEnum):
    """How a message reaches a person, or what a contact is."""

    TERMINAL = "TERMINAL"
    EMAIL = "EMAIL"
    WEBHOOK = "WEBHOOK"
    SMS = "SMS"  # to a PHONE
    VOICE = "VOICE"  # to a PHONE
    PUSH = "PUSH"
    TELEGRAM = "TELEGRAM"
    SLACK = "SLACK"
    APPRISE = "APPRISE"
    PHONE = "PHONE"  # a contact, which SMS and VOICE reach


#: What a contact can be.
CONTACT_METHODS = (
    Method.TERMINAL,
    Method.EMAIL,
    Method.WEBHOOK,
    Method.PHONE,
    Method.PUSH,
    Method.TELEGRAM,
    Method.SLACK,
    Method.APPRISE,
)
#: By what a message can reach a person.
WAYS: tuple[Method, ...] = tuple(each for each in Method if each is not Method.PHONE)


def reached_by(contact: Method) -> tuple[Method, ...]:
    """Returns by what a contact is reached."""
    return (Method.SMS, Method.VOICE) if contact is Method.PHONE else (contact,)


class Kind(StrEnum):
    """What a message is for."""

    PAGE = "PAGE"  # somebody is wanted
    STAND_DOWN = "STAND_DOWN"  # nobody is wanted any more, after a page that crossed the answer
    VERIFICATION = "VERIFICATION"  # a code that shows whose a contact is
    UPDATE = "UPDATE"  # what became of what somebody was paged about
    DUTY = "DUTY"  # a shift of theirs begins


class State(StrEnum):
    """Where a notification is in its life."""

    PENDING = "PENDING"  # never tried
    SENDING = "SENDING"  # claimed: an attempt is under way, or died
    RETRY = "RETRY"  # tried, and due again
    SENT = "SENT"  # the provider took it
    FAILED = "FAILED"  # will never succeed
    SUPPRESSED = "SUPPRESSED"  # nobody is wanted any more
    EXPIRED = "EXPIRED"  # tried for too long


class Share(StrEnum):
    """What a notification does in telling its contact, beside others that are for it too."""

    ALONE = ""  # it speaks for itself
    HELD = "HELD"  # it waits until there is room for another message
    CARRIER = "CARRIER"  # it speaks for others as well
    CARRIED = "CARRIED"  # another speaks for it, and has not been sent yet
    TOLD = "TOLD"  # another spoke for it


FINAL = frozenset({State.SENT, State.FAILED, State.SUPPRESSED, State.EXPIRED})


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to reach a person."""

    id: int
    user_id: int
    method: Method
    target: str  # as everybody may see it
    created_at: datetime
    name: str = ""
    region: str = ""  # of a PHONE: whose national spelling it may have
    verified: bool = True  # or made by somebody who may say how others are reached
    sealed: bytes | None = field(default=None, repr=False)  # the target, if it can be a secret


@dataclass(frozen=True, slots=True)
class Link:
    """Where to look."""

    href: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One person or webhook is to be told, of one level, in one round of one run."""

    escalation_key: str
    cycle: int
    level: int
    user_id: int  # 0: a webhook is to be told
    level_count: int
    subject_kind: str
    subject_id: str
    episode: int
    title: str
    details: str
    links: tuple[Link, ...]
    priority: str
    request_time: datetime
    next_step_time: datetime | None
    accept_time: datetime | None
    webhook_id: int = 0  # 0: a person is to be told
    escalation_id: int = 0  # by which the run is acknowledged; 0 for one of an older version

    @property
    def level_told(self) -> int | None:
        """The level, as people know it; None when somebody called the person by hand."""
        return self.level if self.level_count else None

    @property
    def subject_run(self) -> str:
        """The run of the subject itself, by its key."""
        return f"{self.subject_kind}:{self.subject_id}:{self.episode}"

    @property
    def apart(self) -> bool:
        """Whether the person was called by hand to what somebody had taken already."""
        return self.escalation_key != self.subject_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message to one person by one way, or to one webhook."""

    id: int
    key: str  # stable over attempts: providers and readers recognise a repeat by it
    kind: Kind
    escalation_key: str
    cycle: int
    level: int
    user_id: int  # 0: it is for a webhook
    method: str
    target: str  # as everybody may see it; of a webhook: its name
    headline: str  # what it says, in one line
    subject_kind: str
    subject_id: str
    state: State
    at: datetime  # when it is due; in the end, when it ended
    expires_at: datetime
    attempt: int = 0
    claim_until: datetime | None = None
    possible_repeat: bool = False  # what became of an attempt is unknown
    provider_id: str = ""
    error: str = ""
    version: int = 1
    webhook_id: int = 0  # 0: it is for a person
    provider: str = ""  # what the attempt depends on; empty until it was due
    wanted_at: datetime | None = None  # since when it shall go out; None until it was due
    fell: bool = False  # the next way took over
    delivered_at: datetime | None = None  # as its provider says, if it says so
    read_at: datetime | None = None
    contact_id: int = 0  # 0: it is for a webhook, or goes to the address of the person's record
    share: Share = Share.ALONE
    carrier_id: int = 0  # the notification that speaks for it; 0 if it does so itself

    @property
    def is_told(self) -> bool:
        """Whether the person was told: by it, or by what carried it."""
        return self.state is State.SENT or self.share is Share.TOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to send a notification."""

    notification_id: int
    number: int
    started_at: datetime
    ended_at: datetime | None  # None while it is under way, and if nobody lived to record it
    outcome: str  # the state it led to; empty while nobody knows
    provider: str
    provider_id: str
    reason: str


class Receipt(StrEnum):
    """What a provider says, later, of a message that it took."""

    DELIVERED = "DELIVERED"  # it is with the person
    READ = "READ"
    FAILED = "FAILED"  # it will never be delivered


@dataclass(frozen=True, slots=True)
class Ending:
    """A run that wants nobody any more."""

    escalation_key: str
    taken: bool  # by somebody; otherwise the subject is over
    by: str
    at: datetime  # when notification heard of it
    subject_end_time: datetime | None = None  # by the owner's clock; None if nobody told


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook as it is called; what is secret about it is sealed."""

    id: int
    name: str
    sealed_url: bytes = field(repr=False)
    sealed_secrets: tuple[bytes, ...] = field(repr=False)  # those that sign; the newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a channel has to say, and to whom."""

    notification: Notification
    intent: Intent
    user_name: str
    attempt_time: datetime
    ended_by: str = ""
    reason: str = ""  # why a run ended: somebody took its subject, or it is over
    hook: Hook | None = None  # the webhook, unless it is gone or this is for a person
    #: Where it goes, in full; empty: the notification's target is all.
    address: str = field(default="", repr=False)
    language: str = "en"  # the person's: "en" or "de"
    timezone: str = "UTC"  # the person's, by its IANA name
    others: tuple[str, ...] = ()  # who else is told of the same level, by name
    link: str = ""  # where it can be answered without a log-in; empty if it can't
    failing: frozenset[str] = frozenset()  # providers, for a channel that has a choice
    #: What it stands for beside its own intent; details and links are left out.
    bundled: tuple[Intent, ...] = ()
    members: tuple[int, ...] = ()  # the notifications of these, in the same order
    code: str = field(default="", repr=False)  # what shows whose a contact is
    taken_back: tuple[str, ...] = ()  # providers' ids of the messages that it takes back
    news: News | None = None  # what it tells, if it is no page

    @property
    def is_page(self) -> bool:
        """Whether somebody is wanted, and may answer."""
        return self.notification.kind is Kind.PAGE

    @property
    def type(self) -> str:
        """What it is, as programs are told: "page", "stand_down", "update", and so on."""
        return self.notification.kind.value.lower()

    @property
    def is_stand_down(self) -> bool:
        """Whether it takes a page back."""
        return self.notification.kind is Kind.STAND_DOWN

    @property
    def mark(self) -> str:
        """What is added to the headline of what may be a repeat."""
        return " (possible repeat)" if self.notification.possible_repeat else ""

    @property
    def headline(self) -> str:
        """What it says in one line."""
        return f"{self.line}{self.mark}"

    @property
    def line(self) -> str:
        """What it says in one line, as if it were no repeat."""
        code = f": {self.code}" if self.code else ""
        return f"{self.notification.headline}{code}"


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it."""

    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """The provider did not take it, or did not say so; trying again may help."""

    why: str
    after: timedelta | None = None  # what the provider asked for
    unknown: bool = False  # it may have taken it
    theirs: bool = False  # the recipient's doing, which says nothing of the provider


@dataclass(frozen=True, slots=True)
class Failed:
    """The provider will never take it."""

    why: str


Outcome = Sent | Retry | Failed

"""What a language needs to have: every sentence that messages say, whole."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plural:
    """A sentence about one, and about several."""

    one: str
    many: str

    def of(self, count: int) -> str:
        """Returns the one for so many."""
        return self.one if count == 1 else self.many


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All that messages say, in one language; what differs stands in braces."""

    language: str  # as HTML names it

    # In one line.
    low: str
    test: str
    bundle: Plural  # by how many more there are
    accepted_by: str
    accepted: str
    over_by: str
    over: str
    repeat: str
    untitled: str
    test_page: str  # a test that Tocsin made
    taken_by: str  # news of what somebody was paged about
    taken: str
    resolved_by: str
    resolved: str
    escalated: str
    shift: str
    code: str

    # Sentences.
    is_test: str
    is_low: str
    level: str
    called: str
    others: str
    others_more: Plural  # by how many more there are
    next_level: str
    next_level_due: str  # the time has passed
    next_round: str
    next_round_due: str
    next_nobody: str
    next_some: str
    late_minutes: Plural
    late_hours: Plural
    nothing_to_do: str
    wanted_news: str
    paged_now: str
    shift_ends: str
    code_is_for: str
    accepts_all: str
    about_alert: str
    about: str
    sent_to: str
    sent_to_program: str

    # Lists.
    bundled: Plural
    more: Plural
    link: str

    # Times.
    clock: str
    clock_zone: str
    today: str
    weekday: str
    date: str
    weekdays: tuple[str, ...]  # from Monday
    months: tuple[str, ...]
    zones: Mapping[str, str]  # abbreviations that the language has words of its own for

    # Answers.
    accept: str
    resolve: str
    escalate: str
    answer_here: str
    answer: str
    reply: str
    reply_escalate: str  # where escalating is possible
    press_accept: str
    press_resolve: str
    press_escalate: str

    # Speech.
    signs: Mapping[str, str]  # what a voice would not read
    units: Mapping[str, str]  # after a number
    ending: str

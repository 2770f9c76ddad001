"""What a message says, before a channel has put it into its own form."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from services.chassis.texts import address, shown
from services.notification.domain.news import What
from services.notification.domain.values import Intent, Link, Page
from services.notification.messages import times
from services.notification.messages.catalogue import Catalogue
from services.notification.messages.fitting import line, shortened

ALERT, TEST = "alert", "test"
TEST_TITLE = "Test page"  # of one that Tocsin made
ACCEPTED = "accepted"  # the reason of a run that somebody took
LATE = timedelta(minutes=1)
HOURS = timedelta(hours=2)
LONGEST_NAME = 60
#: A longer one is no link of ours.
LONGEST_LINK = 1000
MOST_NAMES = 5
MOST_BUNDLED = 10
MOST_LINKS = 20


@dataclass(frozen=True)
class Said:
    """What a page says, in the words of a language."""

    page: Page
    words: Catalogue

    @property
    def is_test(self) -> bool:
        """Whether nothing is wrong."""
        return self.page.intent.subject_kind == TEST

    @property
    def can_escalate(self) -> bool:
        """Whether there is a level that may be paged now."""
        intent = self.page.intent
        left = intent.level < intent.level_count or intent.next_step_time is not None
        return self.page.is_page and intent.level_told is not None and left

    @cached_property
    def link(self) -> str:
        """Where it can be answered; empty if nowhere."""
        link = self.page.link if self.page.is_page else ""
        return link if len(link) <= LONGEST_LINK and address(link) == link else ""

    @cached_property
    def details(self) -> str:
        """What there is besides; of one subject, and while somebody is wanted."""
        apart = not self.page.is_page or self.page.bundled
        return "" if apart else shown(self.page.intent.details).strip()

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Where to look, each with a text."""
        if self.page.bundled or self.page.code:
            return ()
        found = ((address(link.href), line(link.text)) for link in self.page.intent.links)
        usable = ((href, text) for href, text in found if href and len(href) <= LONGEST_LINK)
        shorter = (Link(href, shortened(text, LONGEST_NAME)) for href, text in usable)
        return tuple(shorter)[:MOST_LINKS]

    @cached_property
    def bundled(self) -> tuple[Intent, ...]:
        """All that it stands for, if it is more than one."""
        return (self.page.intent, *self.page.bundled) if self.page.bundled else ()

    def headline(self, most: int, mark: str = "…") -> str:
        """Returns what it says in one line: of so many characters if that is possible at all."""
        form = self._form(most)
        room = max(most - len(form("")), 1)
        return form(shortened(self._title(self.page.intent), room, mark=mark) or mark)

    def sentences(self, *, zone: bool = True) -> list[str]:
        """Returns what to know besides the headline, the most important first."""
        words = self.words
        if not self.page.is_page:
            return self._sentences_of_news(zone=zone)
        told = [words.is_test] if self.is_test else []
        if self.bundled:
            told += [words.accepts_all, self._next_of_bundle(zone=zone), self._late(zone=zone)]
            told += [words.is_low] if self.low else []
        else:
            told += [self._level(), self._next(zone=zone), self._others(), self._late(zone=zone)]
        return [sentence for sentence in told if sentence]

    def _sentences_of_news(self, *, zone: bool) -> list[str]:
        words, news = self.words, self.page.news
        if self.page.code:
            return [words.code_is_for]
        if news is None:
            return [words.nothing_to_do]
        told = []
        if news.what is What.ESCALATED:
            told.append(words.paged_now.format(level=news.level))
        if news.end is not None:
            told.append(words.shift_ends.format(time=self._time(news.end, zone=zone)))
        return [*told, words.wanted_news]

    @property
    def low(self) -> bool:
        """Whether it can wait: news, and what is of low priority, all of it if it is a bundle."""
        return not self.page.is_page or all(
            each.priority == "LOW" for each in self.bundled or (self.page.intent,)
        )

    def bundle(self) -> list[str]:
        """Returns the titles of what it stands for, and how many more there are."""
        told = [shortened(self._title(each), LONGEST_NAME * 2) for each in self.bundled]
        if len(told) <= MOST_BUNDLED:
            return told
        more = len(told) - MOST_BUNDLED
        return [*told[:MOST_BUNDLED], self.words.more.of(more).format(more=more)]

    def about(self) -> str:
        """Returns what it is about, by kind and number; empty for a bundle."""
        if self.bundled or self.page.code:
            return ""
        intent = self.page.intent
        kind, id_ = (
            shortened(line(text), LONGEST_NAME) for text in (intent.subject_kind, intent.subject_id)
        )
        form = self.words.about_alert if kind == ALERT else self.words.about
        return form.format(kind=kind, id=id_)

    def sent_to(self) -> str:
        """Returns whom it is for."""
        if self.page.notification.webhook_id:
            return self.words.sent_to_program
        return self.words.sent_to.format(name=shortened(line(self.page.user_name), LONGEST_NAME))

    def _title(self, intent: Intent) -> str:
        title = line(intent.title)
        if self.is_test and title == TEST_TITLE:
            return self.words.test_page
        return title or self.words.untitled

    def _form(self, most: int) -> Callable[[str], str]:
        """Returns what makes a headline of a title."""
        words, more, news = self.words, len(self.page.bundled), self.page.news
        by = news.by if news else self.page.ended_by
        name = shortened(line(by), min(LONGEST_NAME, most // 4))
        start = news.start if news else None
        time = self._time(start, zone=True) if start else ""
        sentence = self._sentence(by=bool(name))

        def form(title: str) -> str:
            headline = sentence.format(
                title=title, name=name, count=more + 1, more=more, time=time, code=self.page.code
            )
            repeat = self.page.notification.possible_repeat
            return words.repeat.format(headline=headline) if repeat else headline

        return form

    def _sentence(self, *, by: bool) -> str:
        if self.page.code:
            return self.words.code
        if self.page.news:
            return self._told(self.page.news.what, by=by)
        return self._stood_down(by=by) if self.page.is_stand_down else self._wanted()

    def _told(self, what: What, *, by: bool) -> str:
        words = self.words
        match what:
            case What.ACCEPTED:
                return words.taken_by if by else words.taken
            case What.RESOLVED:
                return words.resolved_by if by else words.resolved
            case What.ESCALATED:
                return words.escalated
            case What.ON_CALL:
                return words.shift

    def _wanted(self) -> str:
        if self.is_test:
            return self.words.test
        if self.bundled:
            return self.words.bundle.of(len(self.page.bundled))
        return self.words.low if self.low else "{title}"

    def _stood_down(self, *, by: bool) -> str:
        words = self.words
        if self.page.reason == ACCEPTED:
            return words.accepted_by if by else words.accepted
        return words.over_by if by else words.over

    def _level(self) -> str:
        intent = self.page.intent
        if intent.level_told is None:
            return "" if self.is_test else self.words.called
        return self.words.level.format(level=intent.level, count=intent.level_count)

    def _next(self, *, zone: bool) -> str:
        intent, words = self.page.intent, self.words
        if intent.next_step_time is None:
            return words.next_nobody
        due = intent.next_step_time <= self.page.attempt_time
        if intent.level_told is None:
            sentence = "" if due else words.next_some
        elif intent.level < intent.level_count:
            sentence = words.next_level_due if due else words.next_level
        else:
            sentence = words.next_round_due if due else words.next_round
        return sentence.format(
            level=intent.level + 1, time=self._time(intent.next_step_time, zone=zone)
        )

    def _next_of_bundle(self, *, zone: bool) -> str:
        """Each has a level of its own: what is told is when the first of them goes on."""
        now = self.page.attempt_time
        steps = [each.next_step_time for each in self.bundled if each.next_step_time is not None]
        ahead = [step for step in steps if step > now]
        if not ahead:
            return "" if steps else self.words.next_nobody
        return self.words.next_some.format(time=self._time(min(ahead), zone=zone))

    def _others(self) -> str:
        names = [shortened(line(name), LONGEST_NAME) for name in self.page.others]
        if not names:
            return ""
        told, more = ", ".join(names[:MOST_NAMES]), len(names) - MOST_NAMES
        sentence = self.words.others_more.of(more) if more > 0 else self.words.others
        return sentence.format(names=told, more=more)

    def _late(self, *, zone: bool) -> str:
        requested = self.page.intent.request_time
        late = self.page.attempt_time - requested
        if late <= LATE:
            return ""
        time = self._time(requested, zone=zone)
        if late < HOURS:
            minutes = late // timedelta(minutes=1)
            return self.words.late_minutes.of(minutes).format(minutes=minutes, time=time)
        hours = late // timedelta(hours=1)
        return self.words.late_hours.of(hours).format(hours=hours, time=time)

    def _time(self, moment: datetime, *, zone: bool) -> str:
        page = self.page
        return times.told(moment, page.attempt_time, page.timezone, self.words, zone=zone)

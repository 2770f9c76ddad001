"""A history by what its rules are about."""

from collections import defaultdict
from dataclasses import dataclass, field

from tests.simulation.history import Event, History

#: Escalations that want nobody any more.
OVER = ("ACKNOWLEDGED", "STOPPED")


@dataclass
class Reading:
    """What happened, sorted."""

    history: History
    alerts: dict[int, list[Event]] = field(default_factory=lambda: defaultdict(list))
    runs: dict[str, Event] = field(default_factory=dict)  # as they are in the end, by key
    steps: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    pages: list[Event] = field(default_factory=list)  # requested
    endings: dict[str, Event] = field(default_factory=dict)  # first heard of by notification
    notifications: list[Event] = field(default_factory=list)  # as they are in the end
    heard: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    bundles: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    contacts: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    later: dict[str, float] = field(default_factory=dict)  # seconds, by the contacts' targets

    def __post_init__(self) -> None:
        for event in self.history.events:
            self._sort(event)

    def _sort(self, event: Event) -> None:
        told = event.told
        match event.what, told.get("message", ""):
            case "alert", _:
                self.alerts[told["alert"]].append(event)
            case "left escalation", _:
                self.runs[told["key"]] = event
            case "said", "EscalationChanged":
                self.steps[told["run"]].append(event)
            case "said", "PageRequested":
                self.pages.append(event)
            case "heard", "EscalationChanged" if told["state"] in OVER:
                self.endings.setdefault(told["run"], event)
            case "heard", "AlertChanged":
                self.heard[told["alert"]].append((event.number, told["version"]))
            case "left notification", _:
                self.notifications.append(event)
            case "left bundle", _:
                self.bundles[told["carrier_id"]].append(told["member_id"])
            case "contact", _:
                self.contacts[told["user"]].append(told["method"])
                self.later[told["target"]] = told["later"]

    def alert_at(self, alert: int, number: int) -> Event | None:
        """Returns the newest state of an alert before some event."""
        before = [event for event in self.alerts[alert] if event.number < number]
        return before[-1] if before else None

    def recorded(self, id_: int) -> Event:
        """Returns the news of how a notification ended."""
        return [
            event
            for event in self.history.of("said")
            if event.told["message"] == "NotificationChanged" and event.told["id"] == id_
        ][-1]

    def answer_of(self, alert: int, episode: int) -> Event:
        """Returns the change since which an episode of an alert wants nobody any more."""
        return next(
            event
            for event in self.alerts[alert]
            if event.told["episode"] > episode
            or (event.told["episode"] == episode and _answered(event))
        )

    def heard_in_order(self, answer: Event) -> bool:
        """Tells whether escalation knew all that came before when it heard of an answer."""
        versions = [version for _, version in self.heard[answer.told["alert"]]]
        ends = next(each for each in versions if each >= answer.told["version"])
        return ends - 1 == max(versions[: versions.index(ends)], default=0)

    def heard_at(self, alert: int, number: int) -> Event | None:
        """Returns the newest state of an alert that escalation had heard of before some event."""
        heard = [version for at, version in self.heard[alert] if at < number]
        return self.alerts[alert][max(heard) - 1] if heard else None


def _answered(alert: Event) -> bool:
    return alert.told["status"] != "PENDING" or alert.told["asleep_until"] is not None


def subject(run: str) -> tuple[int, int]:
    """Returns the alert and the episode that a run is about."""
    _, alert, episode = run.split(":")[:3]
    return int(alert), int(episode)


def is_apart(run: str) -> bool:
    """Tells whether this is a call after the subject was taken, which has a key of its own."""
    return run.count(":") > 2

"""What the pages say, in each language. What others wrote is never looked up here."""

from collections.abc import Mapping

LANGUAGES = ("en", "de")

#: By name: in English and in German.
TEXTS: Mapping[str, tuple[str, str]] = {
    # Words.
    "accept": ("Accept", "Annehmen"),
    "resolve": ("Resolve", "Lösen"),
    "escalate": ("Escalate", "Eskalieren"),
    "state.PENDING": ("Pending", "Offen"),
    "state.ACCEPTED": ("Accepted", "Angenommen"),
    "state.RESOLVED": ("Resolved", "Gelöst"),
    "state.OVER": ("Over", "Vorbei"),
    "state.SUPERSEDED": ("Out of date", "Überholt"),
    "low": ("Low priority", "Niedrige Priorität"),
    "alert": ("Alert {id}", "Alarm {id}"),
    "untitled": ("Untitled", "Ohne Titel"),
    "somebody": ("somebody", "jemand"),
    "webhook": ("Webhook", "Webhook"),
    # How long, and when.
    "seconds": ("{count} s", "{count} s"),
    "minutes": ("{count} min", "{count} Min."),
    "hours": ("{count} h", "{count} Std."),
    "days": ("{count} d", "{count} T."),
    "ago": ("{span} ago", "vor {span}"),
    "in": ("in {span}", "in {span}"),
    "now": ("now", "jetzt"),
    "day": ("{day} {month} {clock}", "{day}. {month} {clock}"),
    "months": (
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    ),
    "zone": ("Times are in {zone}.", "Zeiten in {zone}."),
    # How it stands.
    "wanted": ("Nobody has taken this yet.", "Noch hat niemand angenommen."),
    "taken_by": ("Taken by {name}, {ago}.", "Angenommen von {name}, {ago}."),
    "taken": ("Somebody took this, {ago}.", "Angenommen, {ago}."),
    "taken_somehow": ("Somebody took this.", "Angenommen."),
    "over_by": ("Ended by {name}, {ago}.", "Beendet von {name}, {ago}."),
    "over": ("This needs nobody any more.", "Das braucht niemanden mehr."),
    "resolved": ("Resolved, {ago}.", "Gelöst, {ago}."),
    "superseded": (
        "This wanted somebody anew since. Newer messages are about that.",
        "Das hat seither von Neuem jemanden gebraucht. Darum geht es in neueren Nachrichten.",
    ),
    "expires": (
        "If it is not resolved by then, people are paged anew {when}.",
        "Ist es bis dahin nicht gelöst, wird {when} von Neuem benachrichtigt.",
    ),
    "asleep": ("Asleep until {when}.", "Ruht bis {when}."),
    "silent": (
        "Nobody is notified about this alert.",
        "Über diesen Alarm wird niemand benachrichtigt.",
    ),
    "exhausted": (
        "The policy was gone through to its end {ago}, and nobody took it.",
        "Der Eskalationsplan ist {ago} zu Ende gegangen, und niemand hat angenommen.",
    ),
    # What happens next.
    "next": ("Next", "Als Nächstes"),
    "next_level": ("level {level} of {count}", "Stufe {level} von {count}"),
    "next_levels": ("the next level", "die nächste Stufe"),
    "nobody_next": ("Nobody else is paged.", "Sonst wird niemand benachrichtigt."),
    # After an answer.
    "did.accept": ("You took this.", "Sie haben angenommen."),
    "did.resolve": ("You resolved this.", "Sie haben es gelöst."),
    "shortly": ("It will be shown everywhere shortly.", "Das ist gleich überall zu sehen."),
    "no_level": ("There is no further level.", "Es gibt keine weitere Stufe."),
    "did.escalate": (
        "The next level is being paged now.",
        "Die nächste Stufe wird jetzt benachrichtigt.",
    ),
    "did.comment": ("Your comment is there.", "Ihr Kommentar ist da."),
    "was_faster": ("{name} was faster: this is taken.", "{name} war schneller: Das ist vergeben."),
    "too_late": (
        "That changed nothing: it needs nobody any more.",
        "Das hat nichts geändert: Es braucht niemanden mehr.",
    ),
    # Parts of a page.
    "details": ("Details", "Details"),
    "links": ("Links", "Links"),
    "images": ("Images", "Bilder"),
    "image": ("Image", "Bild"),
    "custom_details": ("More", "Weiteres"),
    "labels": ("Labels", "Merkmale"),
    "paged": ("Who was paged", "Wer benachrichtigt wurde"),
    "paged_none": ("Nobody was paged.", "Niemand wurde benachrichtigt."),
    "timeline": ("Timeline", "Verlauf"),
    "timeline_cut": ("The newest {count} entries.", "Die neuesten {count} Einträge."),
    "comments": ("Comments", "Kommentare"),
    "comment": ("Comment", "Kommentieren"),
    "comment_label": ("Say something about this alert", "Etwas zu diesem Alarm sagen"),
    "levels": ("Escalation", "Eskalation"),
    "level": ("Level {level}", "Stufe {level}"),
    "level_done": ("paged {ago}", "{ago} benachrichtigt"),
    "level_nobody": ("nobody on call", "niemand in Bereitschaft"),
    "also": ("Also in this message", "Auch in dieser Nachricht"),
    "also_holds": (
        "What you answer holds for all of these.",
        "Ihre Antwort gilt für alle diese.",
    ),
    "away": (
        "Some of this page is not available at the moment. Answering works.",
        "Ein Teil dieser Seite ist gerade nicht verfügbar. Antworten geht.",
    ),
    "for": (
        "This page is for {name}: whoever has its address can answer in their name.",
        "Diese Seite ist für {name}: Wer ihre Adresse hat, kann in diesem Namen antworten.",
    ),
    "source": ("from {name}", "von {name}"),
    "events": ("{count} events", "{count} Meldungen"),
    "raised": ("raised {ago}", "ausgelöst {ago}"),
    "responders": ("Responders: {names}", "Zuständig: {names}"),
    # How a notification went.
    "told.PENDING": ("waits", "wartet"),
    "told.SENDING": ("is being sent", "wird gesendet"),
    "told.RETRY": ("is tried again", "wird wieder versucht"),
    "told.SENT": ("sent", "gesendet"),
    "told.FAILED": ("failed", "gescheitert"),
    "told.SUPPRESSED": ("not needed", "nicht nötig"),
    "told.EXPIRED": ("given up", "aufgegeben"),
    "told.DELIVERED": ("delivered", "zugestellt"),
    "told.READ": ("read", "gelesen"),
    "told.answered": ("took it", "hat angenommen"),
    "by.TERMINAL": ("terminal", "Terminal"),
    "by.EMAIL": ("e-mail", "E-Mail"),
    "by.WEBHOOK": ("webhook", "Webhook"),
    "by.SMS": ("text message", "SMS"),
    "by.VOICE": ("call", "Anruf"),
    "by.PUSH": ("push", "Push"),
    "by.TELEGRAM": ("Telegram", "Telegram"),
    "by.SLACK": ("Slack", "Slack"),
    "by.APPRISE": ("another service", "anderer Dienst"),
    # The console.
    "alerts": ("Alerts", "Alarme"),
    "on_call": ("On call", "Bereitschaft"),
    "sign_in": ("Sign in", "Anmelden"),
    "sign_out": ("Sign out", "Abmelden"),
    "filter.open": ("Open", "Unerledigt"),
    "filter.pending": ("Pending", "Offen"),
    "filter.accepted": ("Accepted", "Angenommen"),
    "filter.resolved": ("Resolved", "Gelöst"),
    "none.open": ("Nothing is open.", "Es ist nichts unerledigt."),
    "none.pending": ("Nothing waits for somebody.", "Nichts wartet auf jemanden."),
    "none.accepted": ("Nobody works on anything.", "Niemand ist mit etwas beschäftigt."),
    "none.resolved": ("Nothing was resolved yet.", "Noch wurde nichts gelöst."),
    "newer": ("Newer", "Neuere"),
    "older": ("Older", "Ältere"),
    "skip": ("Skip to the content", "Zum Inhalt"),
    "schedules": ("Schedules", "Einsatzpläne"),
    "policies": ("Escalation policies", "Eskalationspläne"),
    "until": ("until {when}", "bis {when}"),
    "nobody": ("nobody", "niemand"),
    "nobody_on_call": ("Nobody is on call.", "Niemand hat Bereitschaft."),
    # Signing in.
    "token": ("API token", "API-Token"),
    "token_hint": (
        "It starts with tcs_. This browser keeps it until you sign out, for 30 days at most.",
        "Es beginnt mit tcs_. Dieser Browser behält es, bis Sie sich abmelden, höchstens 30 Tage.",
    ),
    "token_how": (
        "The first start of Tocsin wrote one to credentials.env in its data folder; "
        "“tocsin tokens create” makes others.",
        "Der erste Start von Tocsin hat eines in credentials.env in seinem Datenordner abgelegt; "
        "„tocsin tokens create“ macht weitere.",
    ),
    "token_bad": (
        "This token is unknown, revoked or expired.",
        "Dieses Token ist unbekannt, widerrufen oder abgelaufen.",
    ),
    # What can go wrong.
    "try_again": ("Try again", "Noch einmal versuchen"),
    "gone.LINK_EXPIRED": ("This link has expired", "Dieser Link ist abgelaufen"),
    "gone.LINK_UNKNOWN": ("This link is not known", "Dieser Link ist nicht bekannt"),
    "gone.hint": (
        "It may have been cut off on its way. If something is wrong right now, "
        "a newer message has a link that works.",
        "Vielleicht wurde er unterwegs abgeschnitten. Wenn gerade etwas nicht stimmt, "
        "hat eine neuere Nachricht einen Link, der geht.",
    ),
    "no_page": (
        "There is nothing to answer here",
        "Hier gibt es nichts zu beantworten",
    ),
    "not_yours": (
        "This link is not yours any more",
        "Dieser Link ist nicht mehr Ihrer",
    ),
    "bad_form": ("That was no answer", "Das war keine Antwort"),
    "absent": ("There is no such page", "Diese Seite gibt es nicht"),
    "no_alert": ("There is no such alert", "Diesen Alarm gibt es nicht"),
    "no_alert_hint": (
        "Or your token does not let you see it.",
        "Oder Ihr Token lässt Sie ihn nicht sehen.",
    ),
    "forbidden": ("Your token may not do this", "Ihr Token darf das nicht"),
    "unavailable": (
        "This part of Tocsin does not answer at the moment",
        "Dieser Teil von Tocsin antwortet gerade nicht",
    ),
    "unavailable_hint": (
        "Paging goes on. Please try again.",
        "Benachrichtigt wird weiterhin. Bitte versuchen Sie es noch einmal.",
    ),
    "too_many": ("Too many calls", "Zu viele Aufrufe"),
    "refused": ("That did not work", "Das ging nicht"),
}


class Words:
    """The texts of one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._place = LANGUAGES.index(self.language)

    def __call__(self, text: str, /, **values: object) -> str:
        """Returns a text by its name, with its values."""
        return TEXTS[text][self._place].format(**values)

    def has(self, name: str) -> bool:
        """Tells whether there is such a text."""
        return name in TEXTS


def preferred(accept_language: str) -> str:
    """Returns the language of an Accept-Language header that the pages have; English if none."""
    wanted: list[tuple[float, str]] = []
    for part in accept_language[:200].split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.partition("-")[0].lower()
        if language in LANGUAGES:
            wanted.append((_weight(weight), language))
    return max(wanted, key=lambda each: each[0])[1] if wanted else LANGUAGES[0]


def _weight(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0

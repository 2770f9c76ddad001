"""What the log tells of answers that people gave from a message, in English and German."""

from collections.abc import Mapping

Sentence = tuple[str, str]

#: What was answered through, by the method; a method of a newer version is a message.
_THROUGH: Mapping[str, Sentence] = {
    "TERMINAL": ("the terminal", "das Terminal"),
    "EMAIL": ("an e-mail", "eine E-Mail"),
    "WEBHOOK": ("a webhook", "einen Webhook"),
    "SMS": ("a text message", "eine SMS"),
    "VOICE": ("a call", "einen Anruf"),
    "PUSH": ("a push message", "eine Push-Nachricht"),
    "TELEGRAM": ("Telegram", "Telegram"),
    "SLACK": ("Slack", "Slack"),
}
_OTHER = "OTHER"
_A_MESSAGE: Sentence = ("a message", "eine Nachricht")
_SAID: Mapping[str, Sentence] = {
    "accepted": (
        "{actor} accepted the alert through <>",
        "{actor} hat den Alarm über <> angenommen",
    ),
    "resolved": (
        "{actor} resolved the alert through <>",
        "{actor} hat den Alarm über <> gelöst",
    ),
    "pushed": (
        "{actor} asked through <> for the next level now",
        "{actor} hat über <> die nächste Stufe sofort angefordert",
    ),
    "resolved_before": (
        "{actor} resolved the alert through <>, but it was raised again since:"
        " its policy starts anew",
        "{actor} hat den Alarm über <> gelöst, doch er wurde seither erneut ausgelöst:"
        " sein Eskalationsplan beginnt von vorn",
    ),
}


def sentence(said: str, method: str) -> str:
    """Returns which sentence tells something that was said through a method."""
    return f"{said}_{method if method in _THROUGH else _OTHER}"


ANSWER_SENTENCES: Mapping[str, Sentence] = {
    sentence(said, method): (words[0].replace("<>", way[0]), words[1].replace("<>", way[1]))
    for said, words in _SAID.items()
    for method, way in {**_THROUGH, _OTHER: _A_MESSAGE}.items()
}

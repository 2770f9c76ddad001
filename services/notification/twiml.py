"""What Twilio is told to say, to ask and to send: TwiML."""

from xml.etree.ElementTree import Element, SubElement, tostring

MEDIA_TYPE = "text/xml"
#: As people hear them best who speak the languages.
ACCENTS = {"en": "en-GB", "de": "de-DE"}
#: How long a key is waited for after the last word.
KEY_SECONDS = 8


def said(text: str, language: str) -> str:
    """Says a text, twice, and hangs up."""
    response = Element("Response")
    _say(response, text, language, loop="2")
    return _rendered(response)


def last_words(text: str, language: str) -> str:
    """Says a text, once, and hangs up."""
    response = Element("Response")
    _say(response, text, language)
    return _rendered(response)


def asked(text: str, language: str, url: str, *, again: bool) -> str:
    """Says a text and waits for a key, which goes to a URL, as does the lack of one if `again`."""
    response = Element("Response")
    gather = SubElement(
        response, "Gather", action=url, method="POST", numDigits="1", timeout=str(KEY_SECONDS)
    )
    _say(gather, text, language)
    if again:
        SubElement(response, "Redirect", method="POST").text = url
    return _rendered(response)


def sent(text: str) -> str:
    """Sends a text back, or nothing if it is empty."""
    response = Element("Response")
    if text:
        SubElement(response, "Message").text = _printable(text)
    return _rendered(response)


def _say(where: Element, text: str, language: str, **more: str) -> None:
    SubElement(where, "Say", {"language": ACCENTS[language], **more}).text = _printable(text)


def _printable(text: str) -> str:
    """Returns a text without what XML has no place for."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def _rendered(response: Element) -> str:
    return tostring(response, encoding="unicode", xml_declaration=True)

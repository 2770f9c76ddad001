"""What Twilio signs, sends and is told, without Twilio."""

from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from services.notification import destinations, twilio_wire, twiml
from services.notification.channels.telephony import is_number, words
from services.notification.domain.values import Receipt

# The example of the vendor's own libraries, and the one of their guide.
GUIDE_URL = "https://example.com/myapp.php?foo=1&bar=2"
GUIDE_FORM = (
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675310"),
    ("Digits", "1234"),
    ("From", "+14158675310"),
    ("To", "+18005551212"),
)
GUIDE_SIGNED = "L/OH5YylLD5NRKLltdqwSvS0BnU="
TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = (
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
)
SIGNED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_the_vendor_s_examples_are_signed_so() -> None:
    assert twilio_wire.signature(TOKEN, GUIDE_URL, GUIDE_FORM) == GUIDE_SIGNED
    assert twilio_wire.signature(TOKEN, URL, FORM) == SIGNED
    assert twilio_wire.signature(TOKEN, URL, FORM[::-1]) == SIGNED
    assert twilio_wire.is_signed(TOKEN, URL, FORM, SIGNED)


@pytest.mark.parametrize(
    ("token", "url", "form", "shown"),
    [
        ("12346", URL, FORM, SIGNED),
        (TOKEN, URL.replace("foo=1", "foo=2"), FORM, SIGNED),
        (TOKEN, URL.replace("https", "http"), FORM, SIGNED),
        (TOKEN, URL, FORM[1:], SIGNED),
        (TOKEN, URL, (*FORM, ("Digits", "1")), SIGNED),
        (TOKEN, URL, (*FORM, ("More", "")), SIGNED),
        (TOKEN, URL, FORM, ""),
        (TOKEN, URL, FORM, SIGNED[:-1]),
        (TOKEN, URL, FORM, SIGNED.lower()),
        (TOKEN, URL, FORM, "ü"),
    ],
)
def test_anything_else_is_not(token: str, url: str, form: twilio_wire.Form, shown: str) -> None:
    assert not twilio_wire.is_signed(token, url, form, shown)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("https://example.com/hooks", "https://example.com:443/hooks"),
        ("https://example.com:443/hooks", "https://example.com/hooks"),
        ("http://example.com/hooks", "http://example.com:80/hooks"),
        ("https://example.com:8443/hooks", "https://example.com:8443/hooks"),
    ],
)
def test_a_port_that_goes_without_saying_may_be_said(ours: str, theirs: str) -> None:
    assert twilio_wire.is_signed(TOKEN, ours, FORM, twilio_wire.signature(TOKEN, theirs, FORM))


def test_another_port_is_another_url() -> None:
    shown = twilio_wire.signature(TOKEN, "https://example.com:8443/hooks", FORM)
    assert not twilio_wire.is_signed(TOKEN, "https://example.com/hooks", FORM, shown)


def test_a_form_is_read_with_what_is_empty_and_told_twice() -> None:
    body = urlencode([("Body", "ja, später 👍"), ("Empty", ""), ("A", "2"), ("A", "1")]).encode()
    assert twilio_wire.form(body) == [
        ("Body", "ja, später 👍"),
        ("Empty", ""),
        ("A", "2"),
        ("A", "1"),
    ]
    assert twilio_wire.form(b"") == []


@pytest.mark.parametrize("body", [b"\xff", b"&", b"a", b"a=1&" * 300 + b"b=1"])
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # UnicodeDecodeError is one
        twilio_wire.form(body)


def test_how_messages_and_calls_fare() -> None:
    assert twilio_wire.MESSAGE["delivered"] is Receipt.DELIVERED
    assert twilio_wire.MESSAGE["undelivered"] is Receipt.FAILED
    assert "sent" not in twilio_wire.MESSAGE
    assert twilio_wire.CALL["completed"] is Receipt.DELIVERED
    assert twilio_wire.CALL["no-answer"] is Receipt.FAILED
    assert "in-progress" not in twilio_wire.CALL
    assert twilio_wire.why("undelivered", "30005") == "Twilio 30005: the number is unknown"
    assert twilio_wire.why("undelivered", "39999") == "Twilio 39999: it did not get there"
    assert twilio_wire.why("busy", "") == "the line was busy"


def test_what_is_said_is_only_said() -> None:
    text = '</Say><Hangup/>& "\x00\x1b'
    spoken = ElementTree.fromstring(twiml.asked(text, "de", "https://x/?a=1&b=2", again=True))

    gather = spoken.find("Gather")
    assert gather is not None
    assert gather.attrib["action"] == "https://x/?a=1&b=2"
    assert gather.attrib["numDigits"] == "1"
    say = gather.find("Say")
    assert say is not None
    assert say.attrib["language"] == "de-DE"
    assert say.text == '</Say><Hangup/>& "  '
    assert spoken.findtext("Redirect") == "https://x/?a=1&b=2"


def test_nothing_is_sent_back_where_there_is_nothing_to_say() -> None:
    assert len(ElementTree.fromstring(twiml.sent(""))) == 0
    assert ElementTree.fromstring(twiml.sent("a < b")).findtext("Message") == "a < b"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("The 'To' number +49 151 234-567 is not valid", "The 'To' number … is not valid"),
        ("Invalid +4915112345678\nx", "Invalid … x"),
        ("sent by (415) 555-1212!", "sent by (…!"),
        ("account s3cret is locked", "account … is locked"),
        ("error 21211 of 3", "error 21211 of 3"),
    ],
)
def test_a_provider_s_words_tell_no_number_and_no_secret(said: str, told: str) -> None:
    assert words(said, ["s3cret", ""]) == told


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("+4915112345678", True),
        ("+123456789012345", True),
        ("+1234567890123456", False),
        ("004915112345678", False),
        ("+49 151", False),
        ("+0491511234567", False),
        ("+4915112345678\n", False),
        ("+٤٩١٥١١٢٣٤٥٦٧٨", False),
    ],
)
def test_a_number_is_as_e164_writes_it(text: str, is_one: bool) -> None:
    assert is_number(text) is is_one


@pytest.mark.parametrize(
    ("provider", "public_url", "can"),
    [
        ("https://api.twilio.com", "https://tocsin.example.com", True),
        ("https://api.twilio.com", "http://127.0.0.1:8080", False),
        ("https://api.twilio.com", "http://localhost:8080", False),
        ("https://api.twilio.com", "http://192.168.1.7", False),
        ("http://10.0.0.2/sms", "http://192.168.1.7", True),
        ("http://10.0.0.2/sms", "https://tocsin.example.com", True),
    ],
)
def test_who_is_near_can_call_back_what_is_near(provider: str, public_url: str, can: bool) -> None:
    assert destinations.can_call_back(provider, public_url) is can

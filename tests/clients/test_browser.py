"""The pages in Debian's Chromium: with a script and without, on a phone, by keyboard alone."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Request, expect

from tests.clients.onlookers import (
    SECONDS,
    Seen,
    Team,
    fresh,
    hanging,
    is_as_wide_as_the_screen,
    made,
    others,
    person,
    press_until_focused,
    sign_in,
)
from tests.parts.chromium import chromium
from tests.parts.suite import Suite
from tests.parts.waiting import until

PHONE = {"width": 320, "height": 640}
#: A name without TLS, where browsers say less of where a form comes from; and somebody else's.
NAMES = "--host-resolver-rules=MAP tocsin.test 127.0.0.1, MAP other.test 127.0.0.1"
REFUSED = "Failed to load resource"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(NAMES) as started:
        yield started


@pytest.fixture(scope="module")
def team(suite: Suite) -> Iterator[Team]:
    with suite.client() as client:
        ids = [person(client, "Ada", "en"), person(client, "Bob", "de")]
        levels = [{"escalationTimeoutSeconds": 190, "users": [{"id": id_}]} for id_ in ids]
        policy = made(client, "escalation-policies", name=fresh("p"), escalationRules=levels)["id"]
        source = made(
            client,
            "alert-sources",
            name=fresh("checkout"),
            integrationType="API",
            escalationPolicy={"id": policy},
        )
        token = made(
            client,
            "tokens",
            name=fresh("ada"),
            scopes=["alerts:read", "alerts:write", "config:read"],
            userId=ids[0],
        )["token"]
        yield Team(suite, client, source["integrationKey"], policy, token)


@pytest.fixture
def look(browser: Browser, suite: Suite) -> Iterator[Callable[..., Seen]]:
    """Opens browsers that nobody used before; in the end, none may have complained."""
    opened: list[tuple[BrowserContext, Seen]] = []

    def open_(**options: Any) -> Seen:
        context = browser.new_context(**options)
        seen = Seen(context.new_page())
        seen.page.set_default_timeout(SECONDS * 1000)
        seen.page.on("console", lambda told: seen.faults.append(told.text))
        seen.page.on("pageerror", lambda error: seen.faults.append(str(error)))
        seen.page.on("dialog", lambda dialog: seen.faults.append(f"dialog {dialog.message}"))
        seen.page.on("request", lambda request: note_foreign(seen, request))
        opened.append((context, seen))
        return seen

    def note_foreign(seen: Seen, request: Request) -> None:
        if not request.url.startswith((suite.url, "http://tocsin.test", "data:", "blob:")):
            seen.foreign.append(request.url)

    yield open_
    for context, seen in opened:
        context.close()
        # Of a password without a name beside it, browsers think that it is hard to remember.
        faults = [told for told in seen.faults if not told.startswith((REFUSED, "[DOM]"))]
        assert faults == []


def test_a_message_is_answered_on_a_phone_without_a_script(
    look: Callable[..., Seen], team: Team
) -> None:
    links = [{"href": "https://wiki.example.com/disk", "text": "Runbook"}]
    told = {"links": links, "labels": {"host": "web-1"}, "customDetails": {"free": {"bytes": 7}}}
    id_, link = team.raise_("Disk full", details="**2 %** left\n\n- `df -h`", **told)
    seen = look(java_script_enabled=False, viewport=PHONE)
    page = seen.page

    page.goto(link)
    page.goto(link)  # looking changes nothing
    content = page.locator("main")
    for word in ("Disk full", "2 % left", "df -h", "Runbook", "host web-1", '"bytes": 7'):
        expect(content).to_contain_text(word)
    expect(content).to_contain_text(re.compile(r"Next:\s+Bob Example\s+\(level 2 of 2\)\s+in 3:"))
    expect(content).to_contain_text(re.compile(r"Ada Example\s+terminal\s+sent"))
    expect(content).to_contain_text("raised the alert")
    expect(page.locator(".badge.PENDING")).to_be_visible()
    assert is_as_wide_as_the_screen(page)
    assert team.alert(id_)["status"] == "PENDING"

    page.get_by_role("button", name="Accept").click()

    expect(page.get_by_role("status")).to_contain_text("You took this.")
    expect(page.locator(".badge.ACCEPTED")).to_be_visible()
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    until(lambda: team.alert(id_)["status"] == "ACCEPTED", within=SECONDS)
    page.goto(link)
    expect(content).to_contain_text("Taken by Ada Example")
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("status")).to_contain_text("You resolved this.")
    until(lambda: team.alert(id_)["status"] == "RESOLVED", within=SECONDS)
    assert seen.foreign == []


def test_a_link_works_while_what_owns_the_alert_hangs(
    look: Callable[..., Seen], team: Team
) -> None:
    id_, link = team.raise_("Still there", details="look at *this*")
    page = look(viewport=PHONE).page

    with hanging(team.suite, "alertstate"):
        begun = time.monotonic()
        page.goto(link)
        assert time.monotonic() - begun < 4
        expect(page.locator("main")).to_contain_text("Still there")
        expect(page.locator("main")).to_contain_text("look at this")
        expect(page.locator("main")).to_contain_text("Some of this page is not available")
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_role("status")).to_contain_text("shown everywhere shortly")

    until(lambda: team.alert(id_)["status"] == "ACCEPTED", within=SECONDS)


def test_the_next_level_is_asked_for_and_whoever_is_late_is_told(
    look: Callable[..., Seen], team: Team
) -> None:
    id_, link = team.raise_("Nobody knows this one")
    page = look().page
    page.goto(link)
    page.get_by_role("button", name="Escalate").click()
    expect(page.get_by_role("status")).to_contain_text("The next level is being paged now.")

    late = look().page
    late.goto(link)
    team.client.put(f"/api/alerts/{id_}/accept")
    late.get_by_role("button", name="Accept").click()
    expect(late.get_by_role("status")).to_contain_text("was faster")


def test_what_others_wrote_does_nothing(look: Callable[..., Seen], team: Team) -> None:
    evil = (
        "<script>window.evil = 1</script> <img src=x onerror='window.evil = 1'> "
        "[x](javascript:window.evil=1) [y](data:text/html,<script>1</script>) "
        "<svg onload='window.evil = 1'></svg> </p></div></main><iframe src=//other.test> <b"
    )
    told = {
        "labels": {"<b onclick=1>": evil[:200]},
        "customDetails": {evil[:80]: evil},
        "links": [{"href": "https://example.com/'><script>window.evil=1</script>", "text": evil}],
    }
    _, link = team.raise_(f"{evil[:150]}", details=f"{evil}\n\n```\n{evil}\n{'>' * 300}", **told)
    seen = look(viewport=PHONE)
    seen.page.goto(link)

    expect(seen.page.locator("main h1")).to_contain_text("<script>window.evil = 1</script>")
    assert seen.page.evaluate("window.evil") is None
    counted = (
        "document.querySelectorAll('main :is(script, iframe, svg, img, object, style)').length"
    )
    assert seen.page.evaluate(counted) == 0
    assert seen.page.evaluate("document.querySelectorAll('main, footer').length") == 2
    addresses = seen.page.evaluate("[...document.links].map((link) => link.protocol)")
    assert set(addresses) <= {"http:", "https:"}
    assert is_as_wide_as_the_screen(seen.page)
    assert seen.foreign == []


def test_a_text_that_takes_long_to_read_is_shown_at_once(
    look: Callable[..., Seen], team: Team
) -> None:
    _, link = team.raise_("Brackets", details="[" * 20_000)
    page = look(viewport=PHONE).page
    begun = time.monotonic()
    page.goto(link)

    expect(page.locator("pre")).to_contain_text("[[[[")
    assert time.monotonic() - begun < 4
    assert is_as_wide_as_the_screen(page)


def test_images_come_from_where_the_alert_says_and_from_nowhere_else(
    look: Callable[..., Seen], team: Team
) -> None:
    images = [
        {"src": f"{team.suite.url}/static/icon.svg", "alt": "a graph"},
        {"src": f"{team.suite.url.replace('127.0.0.1', 'tocsin.test')}/static/icon.svg?panel=1"},
    ]
    _, link = team.raise_("Images", images=images)
    page = look().page
    page.goto(link)

    loaded = "[...document.images].every((image) => image.complete && image.naturalWidth > 0)"
    page.wait_for_function(loaded)
    expect(page.get_by_alt_text("a graph")).to_be_visible()
    policy = httpx.get(link, trust_env=False).headers["content-security-policy"]
    assert re.search(r"img-src 'self'( http://\S+/static/icon\.svg){2}$", policy), policy


def test_who_signs_in_sees_what_is_open_as_it_happens(
    look: Callable[..., Seen], team: Team
) -> None:
    seen = look(viewport=PHONE)
    page = seen.page
    sign_in(page, team)
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert page.evaluate("document.cookie") == ""

    id_, _ = team.raise_("Seen at once")

    row = page.locator(f"#alert-{id_}")
    expect(row).to_contain_text("Seen at once")  # without a reload
    expect(row).to_contain_text(re.compile("Next: Bob Example in [32]:"))
    team.client.put(f"/api/alerts/{id_}/accept")
    expect(page.locator(f"li.ACCEPTED #alert-{id_}")).to_be_visible()
    assert is_as_wide_as_the_screen(page)
    page.get_by_role("link", name="On call", exact=True).click()
    expect(page.locator("main")).to_contain_text("Level 1")
    assert is_as_wide_as_the_screen(page)
    assert seen.foreign == []
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{team.suite.url}/alerts/{id_}")
    expect(page.get_by_label("API token")).to_be_focused()


def test_everything_can_be_done_by_keyboard(look: Callable[..., Seen], team: Team) -> None:
    id_, _ = team.raise_("By keyboard")
    page = look().page
    page.goto(f"{team.suite.url}/alerts/{id_}")
    page.keyboard.type(team.token)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="By keyboard")).to_be_visible()

    press_until_focused(page, "do-accept")
    page.keyboard.press("Enter")
    expect(page.locator(".badge.ACCEPTED")).to_be_visible()
    press_until_focused(page, "content-of-comment")
    page.keyboard.type("I *look* at it")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".comment em")).to_have_text("look")
    assert team.alert(id_)["responders"][0]["user"]["firstName"] == "Ada"


def test_without_tls_forms_of_other_sites_are_refused(
    look: Callable[..., Seen], team: Team
) -> None:
    id_, _ = team.raise_("Not by others")
    page = look(java_script_enabled=False).page
    own = team.suite.url.replace("127.0.0.1", "tocsin.test")
    sign_in(page, team, own)
    page.goto(f"{own}/alerts/{id_}")
    page.get_by_role("button", name="Accept").click()
    expect(page.locator(".badge.ACCEPTED")).to_be_visible()

    theirs = {"body": others(own, id_), "content_type": "text/html"}
    page.route("http://other.test/**", lambda route: route.fulfill(**theirs))
    page.goto("http://other.test/")
    page.get_by_role("button", name="Win").click()
    expect(page.locator("h1")).to_have_text("Not allowed")
    assert team.alert(id_)["status"] == "ACCEPTED"

    page.goto("http://other.test/")
    page.get_by_role("link", name="Look").click()  # goes without the cookie first
    expect(page.get_by_role("heading", name="Not by others")).to_be_visible()


def test_clocks_run_down_and_pages_follow_the_language_and_the_light(
    look: Callable[..., Seen], team: Team
) -> None:
    _, link = team.raise_("Tick")
    page = look(color_scheme="dark").page
    page.goto(link)
    clock = page.locator(".next time").first
    before = clock.inner_text()
    expect(clock).not_to_have_text(before)
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.emulate_media(color_scheme="light")
    assert page.evaluate(ground) != dark

    german = look(locale="de-DE").page
    german.goto(f"{team.suite.url}/")
    expect(german.get_by_role("heading", name="Anmelden")).to_be_visible()
    assert german.locator("html").get_attribute("lang") == "de"

"""E-mails: the same as plain text and as HTML."""

from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from services.notification.markdown import rendered
from services.notification.messages.fitting import shortened
from services.notification.messages.said import Said

LONGEST_DETAILS = 4000
_TEMPLATE = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(
    (Path(__file__).parent / "mail.html").read_text(encoding="utf-8")
)


def text(said: Said, headline: str) -> str:
    """Returns the plain text: paragraphs of lines."""
    words = said.words
    details = shortened(said.details, LONGEST_DETAILS)
    answer = words.answer_here.format(link=said.link) if said.link else ""
    paragraphs = [headline, _bundle(said), "\n".join(said.sentences()), answer, details]
    paragraphs += ["\n".join(links(said)), "\n".join(_footer(said))]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def html(said: Said, headline: str) -> str:
    """Returns the HTML: what others wrote is escaped, or markdown that does nothing."""
    return _TEMPLATE.render(
        said=said,
        words=said.words,
        headline=headline,
        bundle_title=_bundle_title(said),
        footer=_footer(said),
        details=Markup(rendered(said.details)) if said.details else "",
    )


def links(said: Said) -> list[str]:
    """Returns where to look, a line each."""
    return [
        said.words.link.format(text=link.text, href=link.href) if link.text else link.href
        for link in said.links
    ]


def _footer(said: Said) -> list[str]:
    return [line for line in (said.about(), said.sent_to()) if line]


def _bundle(said: Said) -> str:
    if not said.bundled:
        return ""
    return "\n".join([_bundle_title(said), *(f"- {title}" for title in said.bundle())])


def _bundle_title(said: Said) -> str:
    count = len(said.bundled)
    return said.words.bundled.of(count).format(count=count)

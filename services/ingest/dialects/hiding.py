"""Hides the keys in bodies that are kept: a secret must not lie in the event log."""

from collections.abc import Iterable

from services.ingest.dialects import json_text
from services.ingest.dialects.json_text import Document

#: Shorter ones are no keys of ours; hiding them could blacken half of the body.
SHORTEST_SECRET = 16


def hidden(body: bytes, document: Document, names: Iterable[str]) -> bytes:
    """Returns a body, of which `document` was read, with stars for the keys in these members."""
    for name in names:
        secret = document.values.get(name)
        if not isinstance(secret, str) or len(secret) < SHORTEST_SECRET:
            continue
        stars = b"*" * len(secret)
        starred = body.replace(secret.encode(), stars)
        escaped, repeated = starred == body, body.count(name.encode()) > 1
        body = _without_member(starred, name, stars) if escaped or repeated else starred
    return body


def _without_member(body: bytes, name: str, stars: bytes) -> bytes:
    """Does the same for a key that is written with escapes, or more than once."""
    whole = body.decode()
    parts, after = [], 0
    for member in json_text.members(whole):
        if member.name == name:
            parts += [whole[after : member.start], f'"{stars.decode()}"']
            after = member.end
    return "".join((*parts, whole[after:])).encode()

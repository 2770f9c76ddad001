"""Reads the fields of a foreign object, repairing what can be repaired and listing it."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from services.chassis import texts
from services.ingest.dialects import json_text, text
from services.ingest.dialects.json_text import Document

MOST_REPAIRS = 50
#: Repairs of a body with several events, and characters of each: they're kept with every event.
MOST_SHARED_REPAIRS = 10
LONGEST_SHARED_REPAIR = 200


class Fields:
    """An object's fields; those of an object within it have its name before theirs."""

    def __init__(self, document: Document, within: str = "") -> None:
        self._document = document
        self._within = within

    def told(self, name: str) -> Any:
        """Returns a field as it was read; None when absent, or too deep to be read."""
        return self._document.values.get(name)

    def absent(self, name: str) -> bool:
        """Tells whether a field isn't there, or explicitly null."""
        return self.told(name) is None and name not in self._document.too_deep

    def text(self, name: str) -> str:
        """Returns a field that should be a text; empty when absent or nothing like one."""
        told = self.told(name)
        if isinstance(told, bool | int | float):
            self.repaired(name, "was no text, read as one")
            told = orjson.dumps(told).decode()
        if not isinstance(told, str):
            if not self.absent(name):
                self.repaired(name, "dropped, because it is no text")
            return ""
        cleaned = texts.clean(told)
        if cleaned != told:
            self.repaired(name, "control characters stripped")
        return cleaned

    def optional(self, name: str) -> str | None:
        """Returns a text; None when absent."""
        return None if self.absent(name) else self.text(name)

    def address(self, name: str) -> str | None:
        """Returns a field that should be an absolute http or https address."""
        told = self.optional(name)
        if not told:
            return None
        address = texts.address(told)
        if address is None:
            self.repaired(name, "dropped, because it is no absolute http or https address")
        return address

    def objects(self, name: str) -> Iterator["Fields"]:
        """Returns the objects of a field that should be a list of objects."""
        if self.absent(name):
            return
        told = self.told(name)
        if not isinstance(told, list):
            self.repaired(name, "dropped, because it is no list")
            return
        for index, item in enumerate(told):
            if isinstance(item, dict):
                inner = Document(item, repairs=self._document.repairs)
                yield Fields(inner, f"{self._within}{name}[{index}].")
            else:
                self.repaired(f"{name}[{index}]", "dropped, because it is no object")

    def texts(self, name: str) -> dict[str, str]:
        """Returns a field that should be an object of texts."""
        told = self.told(name)
        if not isinstance(told, dict):
            if not self.absent(name):
                self.repaired(name, "dropped, because it is no object")
            return {}
        inner = Fields(Document(told, repairs=self._document.repairs), f"{self._within}{name}.")
        found = {}
        for each, value in told.items():
            if isinstance(value, dict | list):
                inner.repaired(texts.clean(each), "dropped, because it is no text")
            elif value is not None:
                found[texts.clean(each)] = inner.text(each)
        return found

    def json_object(self, name: str) -> bytes:
        """Returns a field that should be an object as compact JSON; empty when absent."""
        if self.absent(name):
            return b""
        value = self.told(name)
        if name in self._document.too_deep:
            self.repaired(name, f"deeper than {json_text.DEEPEST} levels, kept as text in `raw`")
            value = {"raw": self._document.too_deep[name]}
        elif not isinstance(value, dict):
            self.repaired(name, "was no object, kept in `value`")
            value = {"value": value}
        return self.written(name, value)

    def object(self, name: str) -> "Fields":
        """Returns the fields of a field that should be an object; none if it is nothing like one.

        However deep the object is as a whole, each of its fields may be as deep as this one's.
        """
        told = self.told(name)
        if self._document.too_deep.get(name, "").startswith("{"):
            inner = json_text.read_apart(self._document.too_deep[name].encode())
            self._document.repairs += (f"{self._within}{name}.{each}" for each in inner.repairs)
            inner.repairs = self._document.repairs
            return Fields(inner, f"{self._within}{name}.")
        if not isinstance(told, dict) and not self.absent(name):
            self.repaired(name, "dropped, because it is no object")
        values = told if isinstance(told, dict) else {}
        return Fields(Document(values, repairs=self._document.repairs), f"{self._within}{name}.")

    def members(self, *names: str) -> dict[str, Any]:
        """Returns those of some fields that say something, as they are; too deep ones as text."""
        known = {name: self._document.too_deep.get(name, self.told(name)) for name in names}
        return {name: told for name, told in known.items() if told not in (None, "", [], {})}

    def written(self, name: str, value: dict[str, Any]) -> bytes:
        """Returns an object, which a field tells, as compact JSON without control characters."""
        written = orjson.dumps(value)
        if not text.may_need_cleaning(written):
            return written
        cleaned = orjson.dumps(text.clean_all(value))
        if cleaned != written:
            self.repaired(name, "control characters stripped")
        return cleaned

    def repaired(self, name: str, what: str) -> None:
        """Lists a repair."""
        self._document.repairs.append(f"{self._within}{name}: {what}")

    def repairs(self) -> tuple[str, ...]:
        """Returns what was repaired, the first of it if it is much."""
        return _first(self._document.repairs, MOST_REPAIRS)


def shared_repairs(document: Document) -> tuple[str, ...]:
    """Returns what was repaired in a body with several events, to be listed with each."""
    listed = _first(document.repairs, MOST_SHARED_REPAIRS)
    return tuple(each[:LONGEST_SHARED_REPAIR] for each in listed)


def _first(repairs: Sequence[str], most: int) -> tuple[str, ...]:
    listed = tuple(repairs[:most])
    more = len(repairs) - len(listed)
    return (*listed, f"and {more} more") if more else listed

"""Makes pages of templates. Whatever others wrote is escaped unless it was cleaned before."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notification.web.files import File
from services.notification.web.readers import Reader
from services.notification.web.times import Times

FOLDER = Path(__file__).with_name("templates")


class Renderer:
    """Knows the templates."""

    def __init__(self, files: Mapping[str, File]) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._files = {name: file.address for name, file in files.items()}

    async def html(self, template: str, reader: Reader, times: Times, **values: object) -> str:
        """Returns a page; other calls go on meanwhile."""
        return await asyncio.to_thread(
            self._templates.get_template(template).render,
            words=reader.words,
            name=reader.name,
            times=times,
            files=self._files,
            **values,
        )

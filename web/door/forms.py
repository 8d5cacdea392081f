"""Parse forms within limits; a file is only read after the form's token was checked."""

from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import parse_qsl

import flask
from flask import Flask
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.multipart import (
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    NeedData,
)

from web.door import bodies

TOKEN = "csrf_token"

# More fields than any form has, and few enough to be cheap.
MOST_FIELDS = 1_000
# The limit of everything that is not a file, in bytes.
MOST_BYTES = bodies.FORM
_CHUNK = 64 * 1024


class _FormParser(FormDataParser):
    """Parses forms; a file is only read after the form's token was checked."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> Any:
        """Parse a form; a body that is not a valid form becomes an empty form."""
        try:
            if mimetype == "application/x-www-form-urlencoded":
                return stream, self.cls(_pairs(stream)), self.cls()
            if mimetype == "multipart/form-data":
                boundary = (options or {}).get("boundary", "").encode("ascii")
                return stream, *self._multipart(stream, boundary, content_length)
        except ValueError:
            pass
        return stream, self.cls(), self.cls()

    def _multipart(
        self, stream: IO[bytes], boundary: bytes, content_length: int | None
    ) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
        fields: list[tuple[str, str]] = []
        files: list[tuple[str, FileStorage]] = []
        try:
            for part, chunks in _parts(self._events(stream, boundary)):
                if isinstance(part, Field):
                    fields.append((part.name, self._text(chunks)))
                else:
                    _admit_file(fields)
                    files.append((part.name, self._file(part, chunks, content_length)))
        except BaseException:
            for _name, file in files:
                file.close()
            raise
        return self.cls(fields), self.cls(files)

    def _events(self, stream: IO[bytes], boundary: bytes) -> Iterator[Event]:
        if not boundary:
            message = "a form of several parts without the mark between them"
            raise ValueError(message)
        decoder = MultipartDecoder(
            boundary,
            max_form_memory_size=self.max_form_memory_size,
            max_parts=self.max_form_parts,
        )
        more = True
        while more:
            chunk = stream.read(_CHUNK)
            more = bool(chunk)
            decoder.receive_data(chunk or None)
            event = decoder.next_event()
            while not isinstance(event, NeedData | Epilogue):
                yield event
                event = decoder.next_event()

    def _text(self, chunks: Iterator[bytes]) -> str:
        text = bytearray()
        for chunk in chunks:
            text += chunk
            if len(text) > (self.max_form_memory_size or MOST_BYTES):
                raise RequestEntityTooLarge
        return text.decode("utf-8", "replace")

    def _file(
        self, part: File, chunks: Iterator[bytes], content_length: int | None
    ) -> FileStorage:
        kept = self.stream_factory(
            total_content_length=content_length,
            filename=part.filename,
            content_type=part.headers.get("content-type"),
        )
        try:
            for chunk in chunks:
                kept.write(chunk)
        except BaseException:
            kept.close()
            raise
        kept.seek(0)
        return FileStorage(kept, part.filename, part.name, headers=part.headers)


def _parts(events: Iterator[Event]) -> Iterator[tuple[Field | File, Iterator[bytes]]]:
    """Yield the parts of a form, each with its content, which is read before the next part."""
    for event in events:
        if isinstance(event, Field | File):
            yield event, _content(events)


def _content(events: Iterator[Event]) -> Iterator[bytes]:
    for event in events:
        if isinstance(event, Data):
            yield event.data
            if not event.more_data:
                return


def _pairs(stream: IO[bytes]) -> list[tuple[str, str]]:
    text = bodies.read_all(stream).decode()
    if text.count("&") >= MOST_FIELDS:
        raise RequestEntityTooLarge
    return parse_qsl(text, keep_blank_values=True, errors="werkzeug.url_quote")


def _admit_file(fields: list[tuple[str, str]]) -> None:
    """Refuse a file where none is allowed, or before or without the right form token.

    Raises
    ------
    BadRequest, CSRFError
    """
    if not bodies.may_hold_files():
        raise BadRequest(_("This form takes no files."))
    try:
        validate_csrf(dict(fields).get(TOKEN))
    except ValueError as error:
        raise CSRFError(str(error)) from error


class Request(flask.Request):
    """A request whose forms are parsed by ``_FormParser``."""

    form_data_parser_class = _FormParser


def init_app(app: Flask) -> None:
    """Parse forms within limits."""
    app.request_class = Request
    app.config.update(MAX_FORM_MEMORY_SIZE=MOST_BYTES, MAX_FORM_PARTS=MOST_FIELDS)

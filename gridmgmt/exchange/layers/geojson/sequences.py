"""Read sequences of features: one in each line, or each after a separator (RFC 8142)."""

import codecs
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.geojson.first_look import RECORD_SEPARATOR
from gridmgmt.exchange.layers.private_copies import private_folder
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence

# No feature is longer; a collection without line breaks may be.
_LONGEST = 1 << 26


def as_collection(source: LayerSource, stack: ExitStack) -> LayerSource:
    """Return a source with the features of a sequence in one collection; others as they are.

    The text is UTF-8. The copy exists as long as the stack.

    Raises
    ------
    LayerError
        naming every text of the sequence that is no JSON
    """
    if not _is_sequence(source.path):
        return source
    copy = private_folder(stack) / f"{source.path.stem}.geojson"
    faults: list[str] = []
    with copy.open("wb") as sink:
        sink.write(b'{"type": "FeatureCollection", "features": [\n')
        is_first = True
        for line, text in _texts(source.path):
            try:
                json.loads(text)
            except (ValueError, RecursionError):
                faults.append(Sentence("line {} is no JSON: {}", line, repr(_beginning(text))))
                continue
            sink.write(text if is_first else b",\n" + text)
            is_first = False
        sink.write(b"\n]}\n")
    if faults:
        raise LayerError(
            source.shown,
            Sentence("{} of the features in it are no JSON", f"{len(faults):,}"),
            problems=faults,
            remedy=Sentence(
                "write one whole feature in each line, or all of them as one FeatureCollection"
            ),
        )
    return replace(source, path=copy)


def _is_sequence(path: Path) -> bool:
    """Return whether several texts stand in a file, each in its line or after a separator."""
    with path.open("rb") as stream:
        first = stream.readline(_LONGEST).removeprefix(codecs.BOM_UTF8).strip()
        while not first and (line := stream.readline(_LONGEST)):
            first = line.strip()
        if first.startswith(RECORD_SEPARATOR):
            return True
        if not first.endswith(b"}"):
            return False
        second = next(
            (line for line in iter(lambda: stream.readline(64), b"") if line.strip()), b""
        )
    if not second.strip().startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _texts(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the texts of a sequence, each with the line it begins in."""
    with path.open("rb") as stream:
        begin, held, is_separated = 1, b"", False
        for line, raw in enumerate(stream, 1):
            text = raw.removeprefix(codecs.BOM_UTF8) if line == 1 else raw
            first, *others = text.split(RECORD_SEPARATOR)
            is_separated = is_separated or bool(others)
            held += first
            for other in others:
                if held.strip():
                    yield begin, held.strip()
                begin, held = line, other
            if not is_separated:
                if held.strip():
                    yield line, held.strip()
                held = b""
        if held.strip():
            yield begin, held.strip()


def _beginning(text: bytes) -> str:
    return text[:40].decode("utf-8", "replace")

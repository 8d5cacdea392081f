"""Check a GML file, and make the private copy that GDAL reads."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from xml.parsers import expat

from gridmgmt.domain.listing import listed
from gridmgmt.errors import CRSError, LayerError
from gridmgmt.exchange.bytes.encodings import codec_name
from gridmgmt.exchange.layers.gml.scan import DeclarationError, GmlFacts, scan
from gridmgmt.exchange.layers.private_copies import private_folder
from gridmgmt.exchange.layers.readable_file import Readable
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.exchange.layers.xml_text import xml_text
from gridmgmt.sentence import Sentence, joined

_SCHEMA = re.compile(r"""\s[\w.-]+:(?:noNamespaceS|s)chemaLocation\s*=\s*("[^"]*"|'[^']*')""")


def checked_gml(source: LayerSource, asked: str | None, stack: ExitStack) -> Readable:
    """Check a GML file and copy it, as UTF-8 and without schema, into a private folder.

    Raises
    ------
    LayerError
        when it declares entities, is not well-formed, is not in the stated encoding, has
        geometry that is a link, several geometries in one feature or several rings in a
        boundary, or text for a position that is none
    CRSError
        when its features state different coordinate systems
    """
    encoding, notes, plain, facts = _scanned(source, asked)
    _check_geometry(source, facts)
    _check_crs(source, facts)
    copy = private_folder(stack) / f"{source.path.stem}.gml"
    copy.write_bytes(plain)
    return Readable(
        replace(source, path=copy),
        codec_name(encoding.removesuffix("-sig")),
        (*notes, *_links(facts)),
        counts=dict(facts.features),
    )


def type_names(source: LayerSource, asked: str | None) -> list[str]:
    """Return the types of features that have geometry, which are layers.

    Raises
    ------
    LayerError
        when it cannot be read at all
    """
    facts = _scanned(source, asked)[3]
    return list(dict.fromkeys((*facts.shaped, *(kind for kind, _ in facts.linked))))


def _scanned(
    source: LayerSource, asked: str | None
) -> tuple[str, tuple[str, ...], bytes, GmlFacts]:
    """Return the encoding, notes on it, the content as UTF-8 without schema, and its facts."""
    encoding, notes, content = xml_text(source, asked)
    content = _SCHEMA.sub("", content)
    plain = f'<?xml version="1.0" encoding="UTF-8"?>{content}'.encode()
    return encoding, notes, plain, _facts(source, plain)


def _facts(source: LayerSource, content: bytes) -> GmlFacts:
    try:
        return scan(content)
    except DeclarationError as error:
        raise LayerError(
            source.shown,
            Sentence("declares a document type, which can lead to other files"),
            remedy=Sentence("remove the <!DOCTYPE …> line, or save the layer anew"),
        ) from error
    except expat.ExpatError as error:
        raise LayerError(
            source.shown,
            Sentence("is not well-formed XML ({})", error),
            remedy=Sentence("save the layer anew in the program it comes from"),
        ) from error


def _check_geometry(source: LayerSource, facts: GmlFacts) -> None:
    problems: list[str] = [
        Sentence("{} {}: {} is a link to geometry elsewhere", kind, number, element)
        for (kind, number), element in facts.linked.items()
    ]
    problems += [
        Sentence("{} {} has several geometries: {}", kind, number, ", ".join(properties))
        for (kind, number), properties in facts.geometries.items()
    ]
    problems += [
        Sentence("{} {}: a second {}, of which one would be read", kind, number, element)
        for (kind, number), element in facts.surplus.items()
    ]
    remedies = []
    if problems:
        remedies.append(
            Sentence("save the layer with one geometry in each feature, written out in full")
        )
    if facts.broken:
        remedies.append(
            Sentence("correct them, or save the layer anew in the program it comes from")
        )
    problems += [
        Sentence(
            "{} {}: {} holds {}, which is no position", kind, number, element, repr(text[:40])
        )
        for (kind, number), (element, text) in facts.broken.items()
    ]
    if problems:
        raise LayerError(
            source.shown,
            Sentence("{} feature(s) cannot be read whole", f"{len(problems):,}"),
            problems=problems,
            remedy=joined("; ", remedies),
        )


def _check_crs(source: LayerSource, facts: GmlFacts) -> None:
    if len(facts.crs_names) > 1:
        raise CRSError(
            source.shown,
            Sentence(
                "states several coordinate reference systems: {}", listed(facts.crs_names)
            ),
            remedy=Sentence("save the layer in one of them"),
        )


def _links(facts: GmlFacts) -> Iterator[Sentence]:
    if facts.links:
        yield Sentence("links were not followed: {}", listed(_counted(facts.links)))


def _counted(links: Counter[str]) -> list[str]:
    return [f"{name} ({count:,})" for name, count in links.items()]

"""What GDAL does not check in GeoJSON: its encoding, and the crs member of older files."""

import json
import re

import pyproj
from pyproj.exceptions import CRSError as ProjError

from gridmgmt.errors import CRSError, LayerError
from gridmgmt.exchange.encodings import codec_name, shown_name
from gridmgmt.exchange.sources import Source

_CRS_MEMBER = re.compile(r'"crs"\s*:\s*(?=[{n])')
# As GDAL finds it: in upper or lower case, its letters escaped or not.
_ANY_CRS_MEMBER = re.compile(
    r'"(?:c|\\u00[46]3)(?:r|\\u00[57]2)(?:s|\\u00[57]3)"\s*:\s*(?=\{)', re.IGNORECASE
)
_ELSEWHERE = ("link", "url")


def checked_geojson(source: Source, asked: str | None) -> str:
    """Prove the encoding of a GeoJSON file, which is UTF-8 unless a person says otherwise."""
    data = source.path.read_bytes()
    encoding = codec_name(asked) if asked else "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"is not {shown_name(encoding)} (first at line {line})"
        raise LayerError(source.shown, message, remedy=_remedy(data, encoding)) from error
    _refuse_links(source, text)
    return encoding


def _refuse_links(source: Source, text: str) -> None:
    """Refuse a crs member that lies elsewhere: GDAL would go and fetch it."""
    decoder = json.JSONDecoder(object_pairs_hook=list)
    for found in _ANY_CRS_MEMBER.finditer(text):
        try:
            member, _ = decoder.raw_decode(text, found.end())
        except (ValueError, RecursionError):
            continue  # GDAL does not read it either
        kinds = [str(value).lower() for name, value in member if name.lower() == "type"]
        if any(kind.startswith(_ELSEWHERE) for kind in kinds):
            message = "its crs member is an address, and nothing is fetched from elsewhere"
            raise CRSError(source.shown, message, remedy="remove it and say the CRS with --crs")


def _remedy(data: bytes, encoding: str) -> str:
    for other in ("utf-8", "gb18030"):
        if other != encoding:
            try:
                data.decode(other)
            except UnicodeDecodeError:
                continue
            return f"it could be {shown_name(other)}: say --encoding {other}"
    return "save it as UTF-8"


def stated_crs(source: Source) -> pyproj.CRS | None:
    """Give the CRS that a crs member of the 2008 specification states, None without one.

    RFC 7946 removed the member; GDAL takes one that it does not understand for WGS 84 without a
    word, which here is a CRSError.
    """
    text = source.path.read_bytes().decode("utf-8", "replace")
    for found in _CRS_MEMBER.finditer(text):
        try:
            member, _ = json.JSONDecoder().raw_decode(text, found.end())
        except (ValueError, RecursionError):
            continue
        if not isinstance(member, dict) or "type" not in member:
            continue
        properties = member.get("properties")
        name = properties.get("name") if isinstance(properties, dict) else None
        try:
            return pyproj.CRS.from_user_input(name)
        except (ProjError, TypeError) as error:
            message = f"its crs member cannot be understood: {json.dumps(member)[:120]}"
            remedy = "say which it is with --crs"
            raise CRSError(source.shown, message, remedy=remedy) from error
    return None

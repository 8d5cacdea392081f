"""Files made to lead somewhere: each names the canary's files or its port in some disguise."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import geopandas
import pyogrio
import pyproj
import shapely

from tests.attacks.canaries import Canary
from tests.attacks.foreign_files import hand_made, pipeline

_KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
_PLACE = (
    "<Placemark><name>A1</name>{}<Point><coordinates>120.1,30.2</coordinates></Point>"
    "</Placemark>"
)
_FEATURE = {
    "type": "Feature",
    "properties": {"code": "A1"},
    "geometry": {"type": "Point", "coordinates": [120.1, 30.2]},
}


def make_songs(folder: Path, canary: Canary) -> Iterator[Path]:
    """Write all of them; each is a file of its own folder, which may hold its companions."""
    yield from make_texts(folder, _pipelines(canary) | _kmls(canary) | _crs_members(canary))
    yield from make_texts(folder, _gmls(canary) | _tables_and_drawings(canary))
    yield from _geopackages(folder, canary)
    yield from _stated_crs(folder, canary)
    yield from _shapefiles(folder, canary)


def make_tempting(folder: Path, canary: Canary) -> Iterator[Path]:
    """Write those that tempt another driver than that of their kind."""
    yield from make_texts(folder, _pipelines(canary) | _kmls(canary))


def make_texts(folder: Path, texts: dict[str, str | bytes]) -> Iterator[Path]:
    """Write files by name, each into a folder of its own."""
    for name, content in texts.items():
        stem, _, suffix = name.rpartition(".")
        path = folder / stem / f"a.{suffix}"
        path.parent.mkdir()
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        yield path


def _pipelines(canary: Canary) -> dict[str, str | bytes]:
    csv = canary.file("csv")
    command = f"gdal vector pipeline ! read --input-format CSV {csv}"
    song = pipeline(command)
    plain = json.dumps(song)
    behind = {"x": song["x"], "name": "a", "command_line": command, "type": song["type"]}
    nested = {"type": "FeatureCollection", "features": [_FEATURE | {"properties": song}]}
    member = {"type": "FeatureCollection", "song": song, "features": [_FEATURE]}
    twice = plain.replace("{", '{"type": "FeatureCollection", ', 1)
    # The other way round.
    thrice = plain[:-1] + ', "type": "FeatureCollection", "features": []}'
    address = f"/vsicurl?proxy=127.0.0.1:{canary.port}&url=http://example.org/a.geojson"
    made: dict[str, str | bytes] = {
        "plain": plain,
        "address": json.dumps(pipeline(f"gdal vector pipeline ! read {address}")),
        "behind": json.dumps(behind),
        "nested": json.dumps(nested),
        "member": json.dumps(member),
        "twice": twice,
        "thrice": thrice,
        "escaped-name": plain.replace('"type"', '"\\u0074ype"', 1),
        "escaped-value": plain.replace("gdal_streamed", "gdal\\u005fstreamed", 1),
        "escaped-both-twice": twice.replace('"type"', '"\\u0074ype"', 2),
        "upper": plain.replace('"type"', '"TYPE"', 1),
        "bom": b"\xef\xbb\xbf" + plain.encode(),
        "bom-space": b"\xef\xbb\xbf \n\t" + plain.encode(),
        "utf16": plain.encode("utf-16"),
        "utf16be": plain.encode("utf-16-be"),
        "padded": " " * 9_000 + plain,
        "padded-within": plain.replace("{", "{" + " " * 100_000, 1),
        "jsonp": f"loadGeoJSON({plain})",
        "comment": f'/* {{"type": "FeatureCollection"}} */ {plain}',
        "array": f"[{plain}]",
        "sequence": f"{json.dumps(_FEATURE)}\n{plain}\n",
        "separated": f"\x1e{plain}\n\x1e{json.dumps(_FEATURE)}\n",
        "nul": b'{"type": "FeatureCollection", "features": []}\0' + plain.encode(),
        "after": f'{{"type": "FeatureCollection", "features": []}}\n{plain}',
    }
    for name, (_, _, content) in hand_made(canary.folder, canary.port).items():
        made[f"hand-{name}"] = content
    return {f"pipeline-{name}.geojson": content for name, content in made.items()}


def _gmls(canary: Canary) -> dict[str, str | bytes]:
    csv, http = canary.file("csv"), canary.address
    head = (
        '<a:c xmlns:a="http://example.org/a" xmlns:gml="http://www.opengis.net/gml" '
        'xmlns:xlink="http://www.w3.org/1999/xlink" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {}>'
    )
    point = '<gml:Point srsName="{}"><gml:pos>30.2 120.1</gml:pos></gml:Point>'
    plain = point.format("urn:ogc:def:crs:EPSG::4490")
    member = "<gml:featureMember><a:f>{}<a:g>{}</a:g></a:f></gml:featureMember></a:c>"
    schema = (
        f'xsi:schemaLocation="http://example.org/a {{}} http://www.opengis.net/wfs {http}/w"'
    )
    made = {
        "schema": head.format(schema.format(f"{http}/a.xsd")) + member.format("", plain),
        "schema-file": head.format(schema.format(csv)) + member.format("", plain),
        "entity": f'<!DOCTYPE a [<!ENTITY b SYSTEM "{csv}">]>'
        + head.format("")
        + member.format("<a:n>&b;</a:n>", plain),
        "parameter": f'<!DOCTYPE a [<!ENTITY % b SYSTEM "{http}/b">%b;]>'
        + head.format("")
        + member.format("", plain),
        "dtd": f'<!DOCTYPE a SYSTEM "{http}/a.dtd">'
        + head.format("")
        + member.format("", plain),
        "link": head.format("") + member.format(f'<a:n xlink:href="{http}/n"/>', plain),
        "link-geometry": head.format("")
        + member.format("", f'<gml:Point xlink:href="{http}/p"/>'),
        "link-file": head.format("")
        + member.format("", f'<gml:Point xlink:href="file://{csv}"/>'),
        "crs": head.format("") + member.format("", point.format(f"{http}/crs.xml#4490")),
        "crs-file": head.format("") + member.format("", point.format(str(csv))),
        "crs-grids": head.format("")
        + member.format("", point.format(f"+proj=longlat +nadgrids={csv}")),
    }
    return {f"gml-{name}.gml": content for name, content in made.items()}


def _tables_and_drawings(canary: Canary) -> dict[str, str | bytes]:
    csv = canary.file("csv")
    view = f'!Table\n!Version 100\n\nOpen Table "{csv}" Hide\nCreate View a As\nSelect a\n'
    linked = f'!table\n!version 300\nDefinition Table\n  File "{csv}"\n  Type "RASTER"\n'
    block = f"0\nBLOCK\n2\nX\n70\n4\n3\nX\n1\n{csv}\n0\nENDBLK\n"
    drawn = "0\nINSERT\n8\n0\n2\nX\n10\n0\n20\n0\n0\nPOINT\n8\n0\n10\n120\n20\n30\n"
    drawing = (
        f"0\nSECTION\n2\nBLOCKS\n{block}0\nENDSEC\n0\nSECTION\n2\nENTITIES\n{drawn}"
        "0\nENDSEC\n0\nEOF\n"
    )
    return {"tab-view.tab": view, "tab-linked.tab": linked, "dxf-other.dxf": drawing}


def _crs_members(canary: Canary) -> dict[str, str | bytes]:
    http, csv = f"{canary.address}/crs", canary.file("csv")
    members: dict[str, object] = {
        "link": {"type": "link", "properties": {"href": http, "type": "proj4"}},
        "link-file": {"type": "link", "properties": {"href": f"file://{csv}"}},
        "url": {"type": "url", "properties": {"url": http}},
        "url-file": {"type": "url", "properties": {"url": str(csv)}},
        "ogc": {"type": "OGC", "properties": {"urn": http}},
    }
    names = {
        "http": http,
        "file": str(csv),
        "init": f"+init={csv}:code +type=crs",
        "init-bare": f"init={csv}:code",
        "nadgrids": f"+proj=longlat +ellps=krass +nadgrids={csv} +type=crs",
        "geoidgrids": f"+proj=longlat +datum=WGS84 +geoidgrids={csv} +type=crs",
        "pipeline": f"+proj=pipeline +step +proj=hgridshift +grids={csv}",
        "auto": f"AUTO:42001,{csv}",
        "json": json.dumps(_bound(str(csv)).to_json_dict()),
    }
    members |= {
        f"name-{kind}": {"type": "name", "properties": {"name": name}}
        for kind, name in names.items()
    }
    made: dict[str, str | bytes] = {}
    for name, member in members.items():
        whole = {"type": "FeatureCollection", "crs": member, "features": [_FEATURE]}
        made[f"crs-{name}.geojson"] = json.dumps(whole)
        made[f"crs-{name}-escaped.geojson"] = json.dumps(whole).replace('"crs"', '"c\\u0072s"')
    return made


def _kmls(canary: Canary) -> dict[str, str | bytes]:
    csv, geojson, http = canary.file("csv"), canary.file("geojson"), canary.address
    vrt = hand_made(canary.folder, canary.port)["vrt"][2].decode()
    whole = _KML.format(_PLACE.format(""))
    include = (
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{csv}" parse="text"/>'
    )
    made = {
        "second-root": whole + vrt,
        "first-root": vrt + whole,
        "empty-root": "<kml/>" + vrt,
        "comment": f"<!-- <kml> -->{vrt}",
        "wrapped": f"<kml>{vrt}</kml>",
        "wfs-second": f"<kml/><OGRWFSDataSource><URL>{http}/wfs</URL></OGRWFSDataSource>",
        "include": _KML.format(_PLACE.format(f"<description>{include}</description>")),
        "style": _KML.format(_PLACE.format(f"<styleUrl>{http}/s.kml#a</styleUrl>")),
        "style-file": _KML.format(_PLACE.format(f"<styleUrl>{geojson}#a</styleUrl>")),
        "schema": _KML.format(
            _PLACE.format(
                f'<ExtendedData><SchemaData schemaUrl="{http}/s#a"><SimpleData name="a">1'
                "</SimpleData></SchemaData></ExtendedData>"
            )
        ),
        "link": _KML.format(
            f"<NetworkLink><Link><href>{http}/a.kml</href></Link></NetworkLink>"
            f"<NetworkLink><Link><href>{csv}</href></Link></NetworkLink>" + _PLACE.format("")
        ),
        "overlay": _KML.format(
            f"<GroundOverlay><Icon><href>{http}/a.png</href></Icon></GroundOverlay>"
            + _PLACE.format("")
        ),
        "update": _KML.format(
            f"<NetworkLinkControl><Update><targetHref>{http}/t</targetHref></Update>"
            "</NetworkLinkControl>" + _PLACE.format("")
        ),
        "doctype": f'<!DOCTYPE kml SYSTEM "{http}/a.dtd">{whole}',
        "entity": f'<!DOCTYPE kml [<!ENTITY a SYSTEM "{csv}">]>'
        + _KML.format(_PLACE.format("<description>&a;</description>")),
        "stylesheet": f'<?xml version="1.0"?><?xml-stylesheet href="{http}/a.xsl"?>{whole}',
    }
    texts: dict[str, str | bytes] = {f"kml-{name}.kml": text for name, text in made.items()}
    # The same where a search for ASCII does not find it.
    texts["kml-entity-utf16.kml"] = (
        '<?xml version="1.0" encoding="UTF-16"?>' + made["entity"]
    ).encode("utf-16")
    return texts


def _bound(grid: str) -> pyproj.CRS:
    """A CRS whose way to WGS 84 is a file."""
    return pyproj.CRS.from_proj4(f"+proj=longlat +ellps=krass +nadgrids={grid} +type=crs")


def frame(crs: object = 4326) -> geopandas.GeoDataFrame:
    square = shapely.box(120.1, 30.2, 120.2, 30.3)
    return geopandas.GeoDataFrame({"code": ["A1"]}, geometry=[square], crs=crs)


def _stated_crs(folder: Path, canary: Canary) -> Iterator[Path]:
    for suffix in ("gpkg", "fgb", "shp"):
        for grid in ("csv", "gpkg"):
            path = folder / f"grid-{suffix}-{grid}" / f"a.{suffix}"
            path.parent.mkdir()
            pyogrio.write_dataframe(frame(_bound(str(canary.file(grid)))), path)
            yield path


def _shapefiles(folder: Path, canary: Canary) -> Iterator[Path]:
    csv = canary.file("csv")
    beside = {
        "prj-grid": (".prj", _bound(str(csv)).to_wkt("WKT1_GDAL")),
        "prj-grid-2": (".prj", _bound(str(csv)).to_wkt("WKT2_2019")),
        "prj-proj": (".prj", f"+proj=longlat +ellps=krass +nadgrids={csv}"),
        "prj-path": (".prj", str(csv)),
        "prj-address": (".prj", f"{canary.address}/prj"),
        "cpg": (".cpg", str(csv)),
        "idm": (
            ".idm",
            (
                f"<OGRMILayerAttrIndex><MIIDFilename>{csv}</MIIDFilename><OGRMIAttrIndex>"
                "<FieldIndex>0</FieldIndex><FieldName>code</FieldName><IndexIndex>1</IndexIndex>"
                "</OGRMIAttrIndex></OGRMILayerAttrIndex>"
            ),
        ),
        "qix": (".qix", "SQT\1" + "\1" * 200),
        "sbn": (".sbn", "\0\0\x27\x0a" + "\1" * 200),
        "xml": (".shp.xml", f'<!DOCTYPE a [<!ENTITY x SYSTEM "{csv}">]><a>&x;</a>'),
        "aux": (".shp.aux.xml", f"<PAMDataset><SRS>{csv}</SRS></PAMDataset>"),
    }
    for name, (suffix, text) in beside.items():
        path = folder / f"shp-{name}" / "a.shp"
        path.parent.mkdir()
        pyogrio.write_dataframe(frame(), path)
        path.with_name(f"a{suffix}").write_bytes(text.encode("latin-1"))
        yield path


# What a view or a column may call, were GDAL's functions for SQLite to be had.
_CALLS = (
    "gdal_get_pixel_value('{gpkg}', 1, 'georef', 120, 30)",
    "gdal_get_layer_pixel_value('{gpkg}', 1, 'georef', 120, 30)",
    "ogr_version()",
    "ogr_geocode('{http}')",
    "ogr_layer_Extent('{gpkg}')",
    "readfile('{csv}')",
    "load_extension('{csv}')",
    "ImportGeoJSON('{csv}', 't')",
    "BlobFromFile('{csv}')",
    "hstore_get_value('a=>1', 'a')",
    "ogr_datasource_load_layers('{gpkg}')",
)


def _geopackages(folder: Path, canary: Canary) -> Iterator[Path]:
    words = {
        "csv": canary.file("csv"),
        "gpkg": canary.file("gpkg"),
        "http": canary.address,
    }
    calls = [call.format(**words) for call in _CALLS]
    statements: dict[str, list[str]] = {
        f"view-{k}": [f"CREATE VIEW v AS SELECT fid, geom, {call} AS code FROM a"]
        for k, call in enumerate(calls)
    }
    statements |= {
        f"generated-{k}": [
            f"ALTER TABLE a ADD COLUMN song TEXT GENERATED ALWAYS AS ({call}) VIRTUAL"
        ]
        for k, call in enumerate(calls)
    }
    statements |= {
        f"default-{k}": [f"ALTER TABLE a ADD COLUMN song TEXT DEFAULT ({call})"]
        for k, call in enumerate(calls)
    }
    statements |= {
        f"index-{k}": [f"CREATE INDEX song ON a ({call})"] for k, call in enumerate(calls)
    }
    virtual = [
        f"CREATE VIRTUAL TABLE v USING VirtualOGR('{words[kind]}')" for kind in ("csv", "gpkg")
    ]
    statements |= {f"virtual-{k}": [text] for k, text in enumerate(virtual)}
    statements |= {
        "virtual-comment": [
            f"/* */CREATE /* */ VIRTUAL TABLE v USING VirtualOGR('{words['csv']}')"
        ],
        "fts": ["CREATE VIRTUAL TABLE v USING fts5(geom, code)"],
        "trigger": [
            f"CREATE TRIGGER song AFTER INSERT ON a BEGIN SELECT {calls[5]}; END",
        ],
        "extension": [
            (
                "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT,"
                " extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL)"
            ),
            (
                f"INSERT INTO gpkg_extensions VALUES ('a', 'geom', '{words['csv']}',"
                f" '{words['http']}', 'read-write')"
            ),
        ],
        "srs": [
            (
                f"UPDATE gpkg_spatial_ref_sys SET definition = '{words['http']}'"
                " WHERE srs_id = 4326"
            ),
            (
                "UPDATE gpkg_spatial_ref_sys SET organization = 'x',"
                " organization_coordsys_id = 9 WHERE srs_id = 4326"
            ),
        ],
        "srs-init": [
            (
                f"UPDATE gpkg_spatial_ref_sys SET definition = '+init={words['csv']}:code',"
                " organization = 'x', organization_coordsys_id = 9 WHERE srs_id = 4326"
            )
        ],
    }
    for name, made in statements.items():
        path = folder / f"gpkg-{name}" / "a.gpkg"
        path.parent.mkdir()
        pyogrio.write_dataframe(frame(), path)
        with closing(sqlite3.connect(path)) as file:
            _planted(file, made)
        yield path


def _planted(file: sqlite3.Connection, statements: list[str]) -> None:
    """Write statements into the schema as they are, also those that SQLite would refuse."""
    for statement in statements:
        with suppress(sqlite3.Error):
            file.execute(statement)
            continue
        kind = statement.split()[1].lower()
        if kind in ("view", "trigger", "index", "virtual", "/*"):
            kind, name = ("table", "v") if kind in ("virtual", "/*") else (kind, "v")
            file.execute("PRAGMA writable_schema = ON")
            file.execute(
                "INSERT INTO sqlite_master VALUES (?, ?, ?, 0, ?)",
                (kind, name, "a" if kind in ("index", "trigger") else name, statement),
            )
        else:
            file.execute("PRAGMA writable_schema = ON")
            added = statement.partition("COLUMN")[2]
            file.execute(
                "UPDATE sqlite_master SET sql = substr(sql, 1, length(sql) - 1) || ? || ')'"
                " WHERE name = 'a' AND type = 'table'",
                (f", {added}",),
            )
    file.commit()
    for layer in ("v",):
        with suppress(sqlite3.Error):
            file.execute(
                "INSERT INTO gpkg_contents SELECT ?, data_type, ?, description, last_change,"
                " min_x, min_y, max_x, max_y, srs_id FROM gpkg_contents WHERE table_name = 'a'",
                (layer, layer),
            )
            file.execute(
                "INSERT INTO gpkg_geometry_columns SELECT ?, column_name, geometry_type_name,"
                " srs_id, z, m FROM gpkg_geometry_columns WHERE table_name = 'a'",
                (layer,),
            )
            file.commit()

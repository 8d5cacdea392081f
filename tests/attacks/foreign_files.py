"""Files of every driver of this GDAL that opens vectors, written by it or by hand.

``python -m tests.attacks.foreign_files FOLDER CANARY PORT`` makes them; it runs apart, since a
driver may end the process. What it prints tells which driver takes which file when GDAL is free
to choose.
"""

import json
import shutil
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import geopandas
import pandas as pd
import pyogrio
import shapely

# Drivers that write, and the suffix of what they wrote here.
WRITTEN = {
    "CSV": "csv",
    "DGN": "dgn",
    "DXF": "dxf",
    "ESRI Shapefile": "shp",
    "FlatGeobuf": "fgb",
    "GML": "gml",
    "GPKG": "gpkg",
    "GPX": "gpx",
    "GeoJSON": "geojson",
    "GeoJSONSeq": "geojsonl",
    "GeoRSS": "xml",
    "JML": "jml",
    "JSONFG": "json",
    "KML": "kml",
    "LIBKML": "kml",
    "MBTiles": "mbtiles",
    "MVT": "pbf",
    "MapInfo File": "tab",
    "MapML": "mapml",
    "MiraMonVector": "pol",
    "ODS": "ods",
    "OGR_GMT": "gmt",
    "OpenFileGDB": "gdb",
    "PCIDSK": "pix",
    "PDF": "pdf",
    "PDS4": "xml",
    "PGDUMP": "sql",
    "PMTiles": "pmtiles",
    "SQLite": "sqlite",
    "Selafin": "slf",
    "VDV": "x10",
    "XLSX": "xlsx",
}

# Drivers that ask the name only, by a prefix, or a folder: no content makes them take a file.
BY_NAME = {
    "ADBC": "its prefix, or the suffix of a database",
    "AmigoCloud": "its prefix",
    "Carto": "its prefix",
    "EEDA": "its prefix",
    "Elasticsearch": "its prefix",
    "HTTP": "an address for a name",
    "MEM": "nothing: it lies in memory",
    "NGW": "its prefix",
    "OAPIF": "its prefix",
    "OGCAPI": "its prefix, or the suffix moaw",
    "PLSCENES": "its prefix",
}

# Drivers of which no file was made: binary forms of other programs, without a writer here.
UNMADE = {
    "AVCBin": "ArcInfo coverage, a folder of binary files",
    "EDIGEO": "French cadastre, a suffix of its own (thf)",
    "Idrisi": "vectors of Idrisi, a suffix of its own (vct)",
    "SXF": "Russian military maps, binary",
    "VICAR": "planetary images, binary",
}

_SQUARE = shapely.box(120.1, 30.2, 120.2, 30.3)
_POINT = shapely.Point(120.1, 30.2)
_FRAMES = (
    ({"code": ["A1"]}, _SQUARE),
    ({"name": ["A1"]}, _POINT),
    ({"a": [1]}, _POINT),
    ({}, _POINT),
    ({"code": ["A1"]}, None),
)


def _write(driver: str, path: Path) -> bool:
    layer = "waypoints" if driver == "GPX" else None
    for columns, geometry in _FRAMES:
        with suppress(Exception):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        with suppress(Exception):
            data = (
                pd.DataFrame(columns)
                if geometry is None
                else geopandas.GeoDataFrame(columns, geometry=[geometry], crs=4326)
            )
            pyogrio.write_dataframe(data, path, driver=driver, layer=layer)
            if path.is_dir() or path.stat().st_size:
                return True
    return False


def _vrt(source: Path | str) -> str:
    return (
        '<OGRVRTDataSource><OGRVRTLayer name="canary">'
        f'<SrcDataSource relativeToVRT="0">{source}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )


def pipeline(command: str) -> dict[str, object]:
    """Describe a pipeline as GDAL reads it, with a layer beside it for others to find."""
    return {
        "type": "gdal_streamed_alg",
        "command_line": command,
        "x": {"type": "FeatureCollection", "features": []},
    }


def hand_made(canary: Path | str, port: int) -> dict[str, tuple[str, str, bytes]]:
    """Describe files by name: the driver, the suffix it likes, and the content.

    Each leads to the canary's files or port where its form has a word for such a thing.
    """
    http = f"http://127.0.0.1:{port}"
    csv, gpkg, geojson = (f"{canary}/canary.{end}" for end in ("csv", "gpkg", "geojson"))
    read = f"gdal vector pipeline ! read --input-format CSV {csv} ! write --of stream s"
    asked = f"/vsicurl?proxy=127.0.0.1:{port}&amp;url=http://example.org/a.geojson"
    made: dict[str, tuple[str, str, object]] = {
        "pipeline": ("GDALG", "json", pipeline(read.partition(" ! write")[0])),
        "pipeline-address": (
            "GDALG",
            "json",
            pipeline(f"gdal vector pipeline ! read {asked.replace('&amp;', '&')}"),
        ),
        "vrt": ("OGR_VRT", "vrt", _vrt(geojson)),
        "vrt-gpkg": ("OGR_VRT", "vrt", _vrt(gpkg)),
        "vrt-address": ("OGR_VRT", "vrt", _vrt(asked)),
        "vrt-curl": ("OGR_VRT", "vrt", _vrt(f"/vsicurl/{http}/a.geojson")),
        "wfs": (
            "WFS",
            "xml",
            f"<OGRWFSDataSource><URL>{http}/wfs</URL></OGRWFSDataSource>",
        ),
        "csw": (
            "CSW",
            "xml",
            f"<OGRCSWDataSource><URL>{http}/csw</URL></OGRCSWDataSource>",
        ),
        "wfs-capabilities": (
            "WFS",
            "xml",
            (
                '<?xml version="1.0"?><WFS_Capabilities version="2.0.0">'
                f'<Get href="{http}/wfs"/></WFS_Capabilities>'
            ),
        ),
        "oapif": (
            "OAPIF",
            "json",
            {"links": [{"rel": "data", "href": f"{http}/collections"}], "conformsTo": []},
        ),
        "moaw": ("OGCAPI", "moaw", {"links": [{"rel": "tiles", "href": f"{http}/tiles"}]}),
        "esrijson": (
            "ESRIJSON",
            "json",
            {
                "geometryType": "esriGeometryPoint",
                "spatialReference": {"wkid": 4326},
                "exceededTransferLimit": True,
                "fields": [{"name": "code", "type": "esriFieldTypeString"}],
                "features": [{"attributes": {"code": "A1"}, "geometry": {"x": 120, "y": 30}}],
            },
        ),
        "topojson": (
            "TopoJSON",
            "json",
            {
                "type": "Topology",
                "objects": {"a": {"type": "Point", "coordinates": [120, 30]}},
                "arcs": [],
            },
        ),
        "osm": (
            "OSM",
            "osm",
            (
                '<osm version="0.6"><node id="1" lat="30" lon="120" version="1">'
                '<tag k="name" v="A1"/></node></osm>'
            ),
        ),
        "lvbag": (
            "LVBAG",
            "xml",
            (
                "<sl-bag-extract:bagStand xmlns:sl-bag-extract="
                '"http://www.kadaster.nl/schemas/lvbag/extract-deelbestand-lvc/v20200601">'
                "<sl-bag-extract:dataset>LVBAG</sl-bag-extract:dataset></sl-bag-extract:bagStand>"
            ),
        ),
        "vfk": ("VFK", "vfk", '&HVERZE;"5.0"\n&BPAR;ID N30;KOD T10\n&DPAR;1;"A1"\n&K\n'),
        "e00": ("AVCE00", "e00", "EXP  0 /A.E00\nLAB  2\n         1         0\n"),
        "illustrator": ("AIVector", "ai", "%!PS-Adobe-3.0\n%%Creator: Adobe Illustrator\n"),
        "nmea": (
            "GPSBabel",
            "nmea",
            "$GPRMC,081836,A,3000.0,N,12000.0,E,000.0,360.0,130998,011.3,E*62\n" * 4,
        ),
        "wasp": ("WAsP", "map", "title\n0 0 0 0\n1 0 1 0\n1 0\n1.5 2\n0 0 1 1\n"),
        "s57": ("S57", "000", "001413LE1 0900058 ! 3404000000123000000010470123DSIDDSSI" * 4),
        "pds": ("OGR_PDS", "lbl", "PDS_VERSION_ID = PDS3\nRECORD_TYPE = FIXED_LENGTH\nEND\n"),
        "raster-vrt": (
            "VRT",
            "vrt",
            (
                '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte">'
                f"<SimpleSource><SourceFilename>{gpkg}</SourceFilename></SimpleSource>"
                "</VRTRasterBand></VRTDataset>"
            ),
        ),
        "gti": (
            "GTI",
            "gti",
            f"<GDALTileIndexDataset><IndexDataset>{gpkg}</IndexDataset></GDALTileIndexDataset>",
        ),
        "stacta": (
            "STACTA",
            "json",
            {
                "type": "Feature",
                "stac_extensions": ["tiled-assets"],
                "properties": {"tiles:tile_matrix_sets": {}},
                "asset_templates": {"a": {"href": f"{http}/{{TileMatrix}}"}},
            },
        ),
        "stacit": (
            "STACIT",
            "json",
            {
                "type": "FeatureCollection",
                "stac_version": "1.0.0",
                "links": [{"rel": "next", "href": f"{http}/next"}],
                "features": [{"type": "Feature", "stac_version": "1.0.0", "assets": {}}],
            },
        ),
        "wms": (
            "WMS",
            "xml",
            (
                f'<GDAL_WMS><Service name="WMS"><ServerUrl>{http}/wms?</ServerUrl>'
                "</Service></GDAL_WMS>"
            ),
        ),
        "wmts": (
            "WMTS",
            "xml",
            f"<GDAL_WMTS><GetCapabilitiesUrl>{http}/wmts</GetCapabilitiesUrl></GDAL_WMTS>",
        ),
        "wcs": (
            "WCS",
            "xml",
            (
                f"<WCS_GDAL><ServiceURL>{http}/wcs?</ServiceURL>"
                "<CoverageName>a</CoverageName></WCS_GDAL>"
            ),
        ),
        "superoverlay": (
            "KMLSUPEROVERLAY",
            "kml",
            (
                '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Region/>'
                f"<Link><href>{http}/a.kml</href></Link></NetworkLink></Document></kml>"
            ),
        ),
        "mvt-json": (
            "MVT",
            "json",
            {"tiles": [f"{http}/{{z}}/{{x}}/{{y}}.pbf"], "format": "pbf", "json": "{}"},
        ),
    }
    return {
        name: (driver, suffix, _bytes(content))
        for name, (driver, suffix, content) in made.items()
    }


def _bytes(content: object) -> bytes:
    return (content if isinstance(content, str) else json.dumps(content)).encode()


def _gtfs(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("agency.txt", "agency_id,agency_name\n1,A1\n")
        archive.writestr("routes.txt", "route_id,agency_id\n1,1\n")
        archive.writestr("stops.txt", "stop_id,stop_lat,stop_lon\n1,30,120\n")
        archive.writestr("trips.txt", "route_id,service_id,trip_id\n1,1,1\n")


def _taker(path: Path) -> str:
    """Name the driver that takes a file when GDAL is free to choose; empty when none does."""
    with suppress(Exception):
        for layer in pyogrio.list_layers(path)[:1, 0]:
            pyogrio.raw.read(path, layer=layer)
            return str(pyogrio.read_info(path, layer=layer)["driver"])
    return ""


def _made(folder: Path, canary: Path, port: int) -> Iterator[tuple[str, Path]]:
    for driver, suffix in WRITTEN.items():
        path = folder / f"{driver}.{suffix}".replace(" ", "-")
        if _write(driver, path):
            yield driver, path
    for name, (driver, suffix, content) in hand_made(canary, port).items():
        path = folder / f"{name}.{suffix}"
        path.write_bytes(content)
        yield driver, path
    _gtfs(folder / "gtfs.zip")
    yield "GTFS", folder / "gtfs.zip"


def main() -> None:
    """Make them, and print what became of each as JSON."""
    folder, canary, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    made = list(_made(folder, canary, port))
    told = [[driver, path.name, _taker(path)] for driver, path in made]
    sys.stdout.write(f"{json.dumps(told)}\n")


if __name__ == "__main__":
    main()

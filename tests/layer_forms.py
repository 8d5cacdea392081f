"""Write a layer in every form that officers hold, as other programs write it."""

from pathlib import Path

import geopandas
import pyogrio
import shapely

FORMS = ("tab", "mif", "gdb", "gml", "dxf")


def write_form(folder: Path, form: str, data: geopandas.GeoDataFrame) -> Path:
    """Write areas into a folder of its own; return the file, or the folder of a geodatabase.

    In a drawing, whose features have no attributes, the code is the name of the layer.
    """
    folder = folder / form
    folder.mkdir(parents=True)
    path = folder / f"areas.{form}"
    if form in ("tab", "mif"):
        options = {"FORMAT": "MIF"} if form == "mif" else {}
        pyogrio.write_dataframe(data, path, driver="MapInfo File", ENCODING="CP936", **options)
    elif form == "gdb":
        pyogrio.write_dataframe(data, path, driver="OpenFileGDB", layer="areas")
    elif form == "gml":
        pyogrio.write_dataframe(data, path, driver="GML")
    else:
        outlines = shapely.get_exterior_ring(shapely.get_geometry(data.geometry.array, 0))
        drawn = geopandas.GeoDataFrame({"Layer": data["code"]}, geometry=outlines, crs=data.crs)
        pyogrio.write_dataframe(drawn, path, driver="DXF")
    return path


def sent_form(path: Path) -> Path:
    """Return what a page is sent: the file, or the folder to be sent as a zip."""
    return path if path.suffix in (".gml", ".dxf") else path.parent

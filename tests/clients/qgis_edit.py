"""Edit the file of a draft in QGIS as an officer would, without a screen.

Run by the Python of Debian's QGIS 3.22, not by the suite: see `drawn_draft`.
"""

import gzip
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsMapRendererCustomPainterJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage, QPainter

LEVELS = ("street", "community", "cell")
# Degrees; 3e-7 are three centimetres.
FAR, HAIR = 6e-5, 3e-7


def main(given, kept, picture):
    """Edit a copy of a file, draw it, and keep it packed."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "edited.gpkg"
        shutil.copyfile(given, saved)
        work(saved, picture)
        Path(kept).write_bytes(gzip.compress(saved.read_bytes(), mtime=0))


def work(saved, picture):
    layers = {name: opened(saved, name) for name in (*LEVELS, *(f"{n}-base" for n in LEVELS))}
    for name, layer in layers.items():
        check_style(name, layer)
    check_form(layers["cell"])
    edit(layers["cell"])
    turn_round(layers["community"])
    for layer in layers.values():
        layer.reload()
    draw(list(layers.values()), picture)
    # A layer that is open keeps the last changes beside the file.
    layers.clear()


def opened(path, name):
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    assert layer.isValid(), name
    return layer


def check_style(name, layer):
    """The style of the file is what QGIS draws by itself."""
    fill = layer.renderer().symbol().symbolLayer(0)
    dashed = fill.strokeStyle() == 2
    assert dashed == name.endswith("-base"), name
    assert layer.labelsEnabled() != name.endswith("-base"), name
    assert fill.strokeWidth() > 0, name


def check_form(layer):
    """Attributes have their names, a list of what is allowed, and a calendar."""
    land_use, surveyed = (layer.fields().indexOf(name) for name in ("land_use", "surveyed"))
    assert layer.attributeDisplayName(land_use) == "用地类别 Land use"
    widget = layer.editorWidgetSetup(land_use)
    assert widget.type() == "ValueMap"
    assert [key for one in widget.config()["map"] for key in one] == ["–", "居住", "商业"]
    assert layer.editorWidgetSetup(surveyed).type() == "DateTime"


def cell(layer, code):
    [found] = [one for one in layer.getFeatures() if one["code"] == code]
    return found


def edit(layer):
    """What an officer does to the cells."""
    assert layer.startEditing()
    # Topological editing: the vertex where four cells meet moves in all of them.
    QgsProject.instance().setTopologicalEditing(True)
    corner = common_vertex(layer, "330102000000011", "330102001001000")
    move(layer, corner, QgsPointXY(corner.x() + FAR, corner.y() - FAR))
    # Without it: one side alone, by a hair.
    QgsProject.instance().setTopologicalEditing(False)
    corner = common_vertex(layer, "330102000001000", "330102000001011")
    place = QgsPointXY(corner.x() + HAIR, corner.y())
    move(layer, corner, place, only="330102000001000")
    split(layer, "330102000000000")
    state(layer, "330102001000001", "name", "东河网格")
    state(layer, "330102001000000", "land_use", "商业")
    redraw(layer, "330102001001011")
    assert layer.commitChanges(), layer.commitErrors()


def common_vertex(layer, one, other):
    """The vertex that two cells have in common, to the last bit."""
    grounds = [cell(layer, code).geometry() for code in (one, other)]
    vertices = [{(v.x(), v.y()) for v in ground.vertices()} for ground in grounds]
    x, y = min(vertices[0] & vertices[1])
    return QgsPointXY(x, y)


def move(layer, place, to, only=None):
    """Move a vertex as the vertex tool does: in every feature that has it, or in one."""
    for feature in list(layer.getFeatures(QgsRectangle(place, place))):
        point, at, _, _, squared = feature.geometry().closestVertex(place)
        if squared == 0 and only in (None, feature["code"]):
            assert point == place
            assert layer.moveVertex(to.x(), to.y(), feature.id(), at)


def split(layer, code):
    """Split a cell by a line from beyond its west to beyond its east."""
    box = cell(layer, code).geometry().boundingBox()
    middle = box.center().y()
    line = [
        QgsPointXY(box.xMinimum() - FAR, middle),
        QgsPointXY(box.center().x(), middle + FAR),
        QgsPointXY(box.xMaximum() - FAR / 10, middle),
        QgsPointXY(box.xMaximum() + FAR, middle),
    ]
    layer.selectByExpression(f"\"code\" = '{code}'")
    assert layer.splitFeatures(line, True) == 0
    layer.removeSelection()


def state(layer, code, field, value):
    feature = cell(layer, code)
    assert layer.changeAttributeValue(feature.id(), layer.fields().indexOf(field), value)


def redraw(layer, code):
    """Delete a cell and draw two in its place, one of them without a code."""
    feature = cell(layer, code)
    ground = feature.geometry()
    box = ground.boundingBox()
    assert layer.deleteFeature(feature.id())
    middle = box.center().x()
    for code, name, west, east in (
        ("330102001001077", "河西网格", box.xMinimum() - FAR, middle),
        (None, "河东网格", middle, box.xMaximum() + FAR),
    ):
        part = QgsGeometry.fromRect(
            QgsRectangle(west, box.yMinimum() - FAR, east, box.yMaximum() + FAR)
        )
        drawn = QgsFeature(layer.fields())
        drawn.setAttribute("code", code)
        drawn.setAttribute("name", name)
        geometry = ground.intersection(part)
        geometry.convertToMultiType()
        drawn.setGeometry(geometry)
        assert layer.addFeature(drawn)


def turn_round(layer):
    """Write every outline anew, beginning elsewhere and turning the other way: no change."""
    assert layer.startEditing()
    for feature in list(layer.getFeatures()):
        geometry = feature.geometry()
        geometry.normalize()
        geometry = geometry.forceRHR()
        assert layer.changeGeometry(feature.id(), geometry)
    assert layer.commitChanges(), layer.commitErrors()


def draw(layers, picture):
    """Draw the layers as their styles say."""
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(QSize(1000, 900))
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    there = QgsCoordinateTransform(
        layers[0].crs(), settings.destinationCrs(), QgsProject.instance()
    )
    extent = there.transformBoundingBox(layers[0].extent())
    extent.scale(1.05)
    settings.setExtent(extent)
    image = QImage(settings.outputSize(), QImage.Format_ARGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    job = QgsMapRendererCustomPainterJob(settings, painter)
    job.start()
    job.waitForFinished()
    painter.end()
    assert image.save(picture)
    results = job.takeLabelingResults()
    sys.stdout.write(
        f"QGIS {Qgis.QGIS_VERSION}: {len(results.allLabels())} labels drawn to {picture}\n"
    )


if __name__ == "__main__":
    application = QgsApplication([], True)
    application.initQgis()
    main(*sys.argv[1:4])

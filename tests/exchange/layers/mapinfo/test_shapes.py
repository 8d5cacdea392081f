"""Lines of a .mif that are no position are refused; GDAL reads them as another one."""

from pathlib import Path

import pytest

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.vectors import read_layer

HEAD = 'Version 450\nCharset "Neutral"\nCoordSys Earth Projection 1, 104\nColumns 1\n'
HEAD += "  code Char(9)\nData\n\n"
HOLE = ["120.2 30.2", "120.4 30.2", "120.4 30.4", "120.2 30.4", "120.2 30.2"]
SQUARE = ["120 30", "121 30", "121 31", "120 31", "120 30"]


def mif(path: Path, *lines: str) -> Path:
    path.write_text(HEAD + "\n".join(lines) + "\n", "ascii")
    path.with_suffix(".mid").write_text('"A"\n', "ascii")
    return path


def region(*vertices: str, count: int | None = None) -> list[str]:
    return ["Region 1", f"  {len(vertices) if count is None else count}", *vertices]


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (region(*SQUARE[:1], "121 abc", *SQUARE[2:]), "line 11: '121 abc' is no position"),
        (region(*SQUARE[:1], "121,11 30,2", *SQUARE[2:]), "line 11: '121,11 30,2' is no"),
        (region(*SQUARE[:1], "121", *SQUARE[2:]), "line 11: '121' is no position"),
        (region(*SQUARE[:1], "121 30 5", *SQUARE[2:]), "line 11: '121 30 5' is no position"),
        (region(*SQUARE, count=3), "line 13: '120 31' is no position"),
        (region(*SQUARE, count=6), "line 14: the shape ends before all its vertices"),
        ([*region(*SQUARE, count=6), "Pen (1,2,0)"], "line 15: 'Pen (1,2,0)' is no position"),
        (["Region x", *SQUARE], "line 8: 'Region x' is no position"),
        (["Pline 2", "120 30", "abc 31"], "line 10: 'abc 31' is no position"),
        (["Pline Multiple 2", "2", "120 30", "121 31", "2", "120 30"], "ends before all"),
        (["Point 120 abc"], "line 8: 'Point 120 abc' is no position"),
        (["Multipoint", "2", "120 30", "121 31"], "line 8: 'Multipoint' is no position"),
        (["Rect 120 30 121 x"], "line 8: 'Rect 120 30 121 x' is no position"),
        (["Ellipse 120 30 121 x"], "line 8: 'Ellipse 120 30 121 x' is no position"),
        (["Roundrect 120 30 121 x", "0.1"], "line 8: 'Roundrect 120 30 121 x' is no"),
        (["Roundrect 120 30 121 31", "0,1"], "line 9: '0,1' is no position"),
        (["Arc 120 x 121 31", "0 90"], "line 8: 'Arc 120 x 121 31' is no position"),
        (["Arc 120 30 121 31", "0 90", "0 90"], "line 10: '0 90' is no position"),
        (['Text "A"', "120 30 121 x"], "line 9: '120 30 121 x' is no position"),
        ([*region(*SQUARE), "Center 120 x"], "line 15: 'Center 120 x' is no position"),
        ([*region(*SQUARE), "+120 30"], "line 15: '+120 30' is no position"),
        (["Region 2", "5", *SQUARE], "line 14: the shape ends before all its vertices"),
        (["Line 120 30 121 nan"], "line 8: 'Line 120 30 121 nan' is no position"),
        (["Multipoint 2", "120 30", "121 1_0"], "line 10: '121 1_0' is no position"),
    ],
)
def test_a_line_that_is_no_position_is_refused(
    tmp_path: Path, lines: list[str], wrong: str
) -> None:
    with pytest.raises(LayerError) as caught:
        read_layer(mif(tmp_path / "a.mif", *lines))
    assert wrong in str(caught.value)


@pytest.mark.parametrize(
    "lines",
    [
        [*region(*SQUARE), "    Pen (1,2,0)", "    Center 120.5 30.5"],
        [*region("+120 30", "121e0 30", "121 31", "120 31.", "+120 30")],
        ["Region 2", "5", *SQUARE, "5", *HOLE, "", "Brush (1,0,16777215)"],
        ["PLINE MULTIPLE 2", "  2", "120 30", "121 31", "  2", "122 30", "123 31"],
        ["Pline 2", "120 30", "121 31", "Smooth"],
        ["Pline", "2", "120 30", "121 31"],
        ["Point 120 30", "    Symbol (35,0,12)"],
        ["Multipoint 2", "120 30", "121 31"],
        ["Arc 120 30 121 31", "0 90"],
        ['Text "120 30"', "120 30 121 31", 'Font ("Arial",0,0,0)'],
        ["Text", '    "1 x"', "    120 30 121 31", '    Font ("Arial",0,0,0)'],
        ["Roundrect 120 30 121 31", "0.1"],
        ["none"],
    ],
)
def test_shapes_as_programs_write_them_are_read(tmp_path: Path, lines: list[str]) -> None:
    assert len(read_layer(mif(tmp_path / "a.mif", *lines))) == 1


@pytest.mark.parametrize("line", ["Rect 120 30", "Line 120 30", "Point 120", "Collection 3"])
def test_objects_at_which_gdal_ends_are_counted(tmp_path: Path, line: str) -> None:
    path = mif(tmp_path / "a.mif", line, *(region(*SQUARE) if line == "Collection 3" else []))
    with pytest.raises(LayerError, match="holds 1 features, and only 0 can be read"):
        read_layer(path)

from pathlib import Path

from gridmgmt.exchange.content.file_previews import preview_layer, preview_table
from tests.factories import square
from tests.services.answering import PLAIN, layer, table


def test_a_table_shows_its_columns_and_first_rows(tmp_path: Path) -> None:
    rows = "\n".join(f"{n},甲{n}" for n in range(9))
    preview = preview_table(table(tmp_path, f"code,name\n{rows}\n,\n"))
    assert preview.columns == ("code", "name")
    assert preview.rows == tuple((str(n), f"甲{n}") for n in range(5))
    assert preview.notes == ("1 blank row(s) passed over",)


def test_a_layer_shows_its_fields_and_first_features(tmp_path: Path) -> None:
    path = layer(
        tmp_path, [{"code": f"A{n}", "name": None} for n in range(6)], [square(0, 0, 1, 1)] * 6
    )
    preview = preview_layer(path, PLAIN)
    assert preview.columns == ("code", "name")
    assert preview.rows == tuple((f"A{n}", None) for n in range(5))


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    assert preview_table(table(tmp_path, "code,name")).rows == ()

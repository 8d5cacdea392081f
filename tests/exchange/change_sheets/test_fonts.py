"""The Chinese font of a sheet is one of the machine."""

from pathlib import Path

import pytest

from gridmgmt.errors import FontError
from gridmgmt.exchange.change_sheets.fonts import chinese_fonts


def test_the_face_of_the_mainland_is_taken() -> None:
    regular, bold = chinese_fonts()
    assert regular.path != bold.path or regular.path.name.startswith("wqy")
    if regular.path.name == "NotoSansCJK-Regular.ttc":
        # JP, KR, SC, TC, HK: what is first would have the forms of Japan.
        assert regular.number == 2


def test_a_machine_without_a_chinese_font_is_told(tmp_path: Path) -> None:
    with pytest.raises(FontError, match="no Chinese font"):
        chinese_fonts((tmp_path, tmp_path / "nothing"))


def test_what_comes_first_in_the_list_is_taken_and_a_missing_bold_is_the_regular(
    tmp_path: Path,
) -> None:
    for name in ("DroidSansFallbackFull.ttf", "SourceHanSansCN-Regular.otf", "Other.ttf"):
        (tmp_path / name).touch()
    regular, bold = chinese_fonts((tmp_path,))
    assert regular == bold
    assert (regular.path.name, regular.number) == ("SourceHanSansCN-Regular.otf", 0)

"""The sheet of a draft on the command line."""

from pathlib import Path

import pypdfium2
import pytest

from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine, transaction
from tests.cli.areas.test_draft import Bureau
from tests.services.reroute_city import draft_a2_to_b, fill


@pytest.fixture
def bureau(settings: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Bureau:
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    with transaction(engine, commit=True) as conn:
        fill(conn, tmp_path)
        draft_a2_to_b(conn, "d")
    engine.dispose()
    return Bureau(settings, capsys)


def text_of(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return "".join(page.get_textpage().get_text_range() for page in document)


def test_a_sheet_is_written_once_and_replaced_on_request(
    bureau: Bureau, tmp_path: Path
) -> None:
    path = tmp_path / "sheet.pdf"
    assert bureau("draft", "sheet", "d", "-o", path, "--edition-date", "2027-01-31") == 0
    assert "draft 'd' as a sheet: 3 area(s), 1 pair(s) of maps of 1:" in bureau.err
    text = text_of(path)
    assert "拟自2027年1月31日起施行" in text
    assert "隶属调整" in text
    assert bureau("draft", "sheet", "d", "-o", path, "--lang", "en") == 2
    assert "is there already" in bureau.err
    assert bureau("draft", "sheet", "d", "-o", path, "--lang", "en", "--force") == 0
    assert "Ground that goes to another area" in text_of(path)


def test_the_bureau_of_the_settings_is_named(
    bureau: Bureau, tmp_path: Path, settings: Settings
) -> None:
    named = Settings(**{**vars(settings), "bureau": "示例市城市管理局"})
    bureau.settings = named
    assert bureau("draft", "sheet", "d", "-o", tmp_path / "a.pdf") == 0
    assert "示例市城市管理局" in text_of(tmp_path / "a.pdf")


def test_what_cannot_be_put_up_is_refused_and_leaves_no_file(
    bureau: Bureau, tmp_path: Path
) -> None:
    path = tmp_path / "sheet.pdf"
    assert bureau("draft", "sheet", "nothing", "-o", path) == 6
    assert bureau("draft", "create", "e", "--commit") == 0
    assert bureau("draft", "sheet", "e", "-o", path) == 5
    assert "changes no area, so there is nothing to put up" in bureau.err
    assert bureau("draft", "sheet", "d", "-o", path, "--edition-date", "31.1.2027") == 2
    assert bureau("draft", "sheet", "d", "-o", tmp_path / "no" / "sheet.pdf") == 2
    assert not path.exists()

"""What is kept of the notebooks; they are executed by ``make notebooks``."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LARGEST = 1_000_000


def book(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def test_there_are_some() -> None:
    assert {path.stem for path in NOTEBOOKS} >= {"boundaries", "routing"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_kept_but_those_that_stay_here(path: Path) -> None:
    cells = [cell for cell in book(path)["cells"] if cell["cell_type"] == "code"]
    staying = [cell for cell in cells if "stays-here" in cell["metadata"].get("tags", [])]
    assert staying
    assert [cell["id"] for cell in staying if cell["outputs"]] == []
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert {output["output_type"] for output in outputs} <= {
        "display_data",
        "execute_result",
        "stream",
    }
    pictures = [one for one in outputs if "image/png" in one.get("data", {})]
    assert len(pictures) >= 3, "a reader on a forge sees pictures"
    assert path.stat().st_size < LARGEST


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_begins_with_a_title_and_a_chinese_summary(path: Path) -> None:
    first = "".join(book(path)["cells"][0]["source"])
    assert first.startswith("# ")
    summary = re.search(r"\*\*摘要\*\*(.*?)\n\n", f"{first}\n\n", re.DOTALL)
    assert summary is not None
    assert len(re.findall(r"[\u4e00-\u9fff]", summary[1])) > 100


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_nothing_of_a_machine_or_of_the_real_files_is_kept(path: Path) -> None:
    cells = book(path)["cells"]
    said = json.dumps([cell.get("outputs", []) for cell in cells], ensure_ascii=False)
    for word in ("/tmp/", "/home/", "Traceback", "site-packages", "application/geo+json"):
        assert word not in said, word

"""Lines and names on paper end where readers expect them to."""

from collections.abc import Iterator

import pytest

from gridmgmt.exchange.change_sheets.map_names import short_name
from gridmgmt.exchange.change_sheets.paper import Paper


@pytest.fixture(scope="module")
def paper() -> Iterator[Paper]:
    made = Paper(["foot"], "page {} of {}")
    made.add_page()
    made.style(10)
    yield made
    # Closes its fonts.
    made.output()


@pytest.mark.parametrize(
    "text",
    [
        "潮鸣街道艮山门社区，第一网格（原：东河社区）；面积 12,345.67 m²。",
        "990101001001006990101001001006",
        "border changed, lies in another area",
        "",
        "（",
    ],
)
@pytest.mark.parametrize("width_mm", [12.0, 17.0, 40.0])
def test_lines_have_all_letters_and_fit(paper: Paper, text: str, width_mm: float) -> None:
    lines = paper.lines(text, width_mm)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    # A stop stands behind the line that it ends.
    for line in lines:
        assert paper.width(line) <= width_mm + 2 * paper.width("，")
        assert not line.startswith(tuple("，。；：、）"))


def test_words_are_not_broken(paper: Paper) -> None:
    assert paper.lines("border changed", 16) == ["border", "changed"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("潮鸣街道东河社区东河社区第一网格", "东河社区第一网格"),
        ("潮鸣街道东河社区第一网格", "东河社区第一网格"),
        ("东河社区第一网格", "东河社区第一网格"),
        ("潮鸣街道第一网格", "第一网格"),
        ("东河社区", "东河社区"),
        ("别处第一网格", "别处第一网格"),
    ],
)
def test_names_on_a_map_leave_out_what_they_repeat(name: str, short: str) -> None:
    assert short_name(name, [["潮鸣街道", ""], ["东河社区"]]) == short

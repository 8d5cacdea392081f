import ast
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import pofile
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

import gridmgmt.exchange
from gridmgmt.domain.listing import listed
from gridmgmt.errors import FieldError, InputError, LayerError, NotFoundError
from gridmgmt.sentence import Sentence
from web.words.sentences import CATALOGUES, in_chinese, page_text, said

EXCHANGE = Path(gridmgmt.exchange.__file__).parent
with CATALOGUES["zh"].open("rb") as file:
    ENTRIES = [(str(one.id), str(one.string)) for one in pofile.read_po(file) if one.id]


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("row 3: due_at is empty", "第 3 行：due_at 为空"),
        (NotFoundError(kind="case", key="X1"), "没有案件“X1”"),
        (InputError(field="from", message="'x' is not a whole number"), "from：“x”不是整数"),
        (
            FieldError("a.gpkg", "code", ["id"]),
            "a.gpkg：没有字段“code”\n  处理办法：请选择其中之一：id",
        ),
        (
            LayerError("b.csv", "2 row(s) cannot be used", problems=["row 2: code is empty"]),
            "b.csv：有 2 行无法使用\n  - 第 2 行：code 为空",
        ),
    ],
)
def test_what_services_say_is_said_in_chinese(english: object, chinese: str) -> None:
    assert in_chinese(str(english)) == chinese


def test_a_sentence_is_said_by_its_template_and_its_facts_are_data() -> None:
    told = Sentence("row {}: {}", 2, Sentence("{} is none of: {}", "ab: cd", "a; b"))
    assert in_chinese(told) == "第 2 行：ab: cd 不在其中：a; b"


@pytest.mark.parametrize(
    ("level", "chinese"),
    [
        ("单元网格", "没有注明单元网格层级的上级"),
        ("ward", "没有注明 ward 层级的上级"),
        ("'单元网格'", "没有注明“单元网格”层级的上级"),
    ],
)
def test_no_space_stands_between_chinese_and_a_chinese_fact(level: str, chinese: str) -> None:
    assert in_chinese(Sentence("names no parent on the {} level", level)) == chinese
    assert in_chinese(f"names no parent on the {level} level") == chinese


def test_every_sentence_of_a_list_is_said_in_chinese() -> None:
    faults = [Sentence("feature {}: {}", row, "Self-intersection at 1.5 2.5") for row in (1, 2)]
    told = Sentence("--where {} cannot be used ({})", "a", listed(faults))
    assert "要素 1：自相交，位于 1.5 2.5, 要素 2：自相交，位于 1.5 2.5" in in_chinese(told)


STORED = (
    "is stored as a date or time, not as it was typed; make the column text and type it anew"
)
IN_CHINESE = "在文件中存为日期或时间，不是当初键入的内容；请将该列设为文本后重新键入"
MISFIT = "does not fit the format DD/MM/YYYY; state its format too: --date-format"


@pytest.mark.parametrize(
    ("stored", "chinese"),
    [
        (f"case_no: '2026-08-01' {STORED}", f"case_no：“2026-08-01”{IN_CHINESE}"),
        (
            f"case_no: '8-1' {STORED}; lon: 'x' is no coordinate; lat: '8-1' {STORED}",
            f"case_no：“8-1”{IN_CHINESE}；lon：“x”不是坐标；lat：“8-1”{IN_CHINESE}",
        ),
        (
            f"due_at: '5.4.26' {MISFIT} X",
            "due_at：“5.4.26”不符合日期格式 DD/MM/YYYY；请再说明它的格式：--date-format X",
        ),
    ],
)
def test_a_reason_that_was_stored_is_recognised_behind_its_field(
    stored: str, chinese: str
) -> None:
    assert in_chinese(stored) == chinese


def test_what_is_quoted_is_never_taken_for_a_sentence() -> None:
    assert in_chinese("there is no responder 'is empty'") == "没有责任主体“is empty”"


@pytest.mark.parametrize(
    ("quoted", "chinese"), [("'a', \"b's\"", "“a”、“b's”"), ("'a' or 'b'", "'a' or 'b'")]
)
def test_quoted_data_has_the_quotation_marks_of_chinese(quoted: str, chinese: str) -> None:
    assert in_chinese(Sentence("{} is empty", quoted)).removesuffix("为空").strip() == chinese


def test_what_nobody_has_put_into_chinese_stays_as_it_is() -> None:
    assert in_chinese("disk full at sector 7") == "disk full at sector 7"


@pytest.mark.parametrize(
    "text",
    [
        "row 3: " + "ab; " * 10_000,
        "x is " * 10_000,
        "has no sheet x" * 10_000,
        ("is known and differs in " * 20 + "\n") * 1_000,
        "choose one of: " + "a, " * 100_000,
    ],
)
def test_a_text_that_somebody_made_long_costs_no_long_time(text: str) -> None:
    begun = time.monotonic()
    said = in_chinese(text)
    assert time.monotonic() - begun < 10
    assert len(said.split("\n")) == len(text.split("\n"))


@given(st.text(max_size=60))
def test_any_text_is_answered_and_none_is_lost(text: str) -> None:
    said = in_chinese(text)
    assert len(said.split("\n")) == len(text.split("\n"))


@pytest.mark.parametrize(("english", "chinese"), ENTRIES)
def test_every_fact_of_a_sentence_is_told_once(english: str, chinese: str) -> None:
    facts = sorted(map(int, re.findall(r"\{(\d)\}", chinese)))
    assert facts == list(range(english.count("{}")))


@pytest.mark.parametrize(("english", "chinese"), ENTRIES)
def test_every_sentence_is_recognised_by_itself(english: str, chinese: str) -> None:
    facts = [f"'F{number}'" for number in range(english.count("{}"))]
    told = chinese.format(*(f"“F{number}”" for number in range(len(facts))))
    # No space stands between Chinese and a quotation mark.
    assert _closed(in_chinese(english.format(*facts))) == _closed(told)


def _closed(text: str) -> str:
    return re.sub(r" ?(“F\d”) ?", r"\1", text)


# What a file can be refused with where pages read it; the rest of the folder is for the
# command line, or for programs.
_READERS = (
    *("bytes/archives", "bytes/column_limit", "bytes/encodings", "bytes/streams"),
    *("layers/companions", "layers/conditions", "layers/shapefile/dbf", "layers/gdal"),
    *("layers/geopackage", "layers/layer_choice", "layers/outlines", "layers/own_fields"),
    *("layers/geojson/crs_member", "layers/geojson/members", "layers/geojson/text"),
    "layers/geojson/sequences",
    *("layers/sources", "layers/stated_crs", "layers/vectors"),
    *("tables/csv_rows", "tables/heads", "tables/parquet_rows", "tables/tables"),
    *("tables/xlsx_rows", "reading/files", "reading/reader"),
)
_REFUSALS = ("LayerError", "CRSError", "GeometryError")


def _templates(node: ast.expr) -> Iterator[str]:
    """Yield the texts an expression can make, with a fact wherever something is put in."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(
                one.value if isinstance(one, ast.Constant) else "'F'" for one in parts
            )
        case ast.IfExp(body=one, orelse=other):
            yield from _templates(one)
            yield from _templates(other)


def _refusals(module: str) -> Iterator[str]:
    tree = ast.parse((EXCHANGE / f"{module}.py").read_text("utf-8"))
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in _REFUSALS:
                for given in (*node.args[1:], *(one.value for one in node.keywords)):
                    yield from _templates(given)
            case ast.Assign(targets=[ast.Name(id="message" | "remedy")]):
                yield from _templates(node.value)


@pytest.mark.parametrize("module", _READERS)
def test_every_refusal_of_a_file_is_known_in_chinese(module: str) -> None:
    # What is put together of facts alone says nothing itself.
    told = [one for one in _refusals(module) if re.search("[a-z]", one)]
    assert [one for one in told if not re.search("[一-鿿]", in_chinese(one))] == []


@pytest.mark.parametrize("stored", [False, True])
def test_english_pages_say_what_to_press_where_the_command_line_names_a_command(
    stored: bool,
) -> None:
    told = Sentence(
        "{} new case(s) may be the same as an open one reported before: gridmgmt case "
        "duplicates lists them",
        3,
    )
    assert "gridmgmt case duplicates" in str(told)
    on_page = page_text(told[:] if stored else told, "en")
    assert on_page == (
        "3 new case(s) may be the same as an open one reported before: the page of each case "
        "lists them"
    )


def test_a_command_within_another_sentence_is_said_otherwise_too() -> None:
    told = Sentence("warning: {}", Sentence("use --format gpkg"))
    assert page_text(told, "en") == "warning: choose the format GeoPackage"
    assert page_text("row 3: code is empty", "en") == "row 3: code is empty"


def test_options_are_called_by_the_fields_of_the_page(app: Flask) -> None:
    told = Sentence("say it with --crs")
    with app.test_request_context("/login?lang=en"):
        assert said(told) == "say it with “Coordinate system”"
    with app.test_request_context("/login"):
        assert said(told) == "请选择坐标系"

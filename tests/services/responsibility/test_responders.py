from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from gridmgmt.domain.responsibility.responder import ResponderKind
from gridmgmt.errors import InputError, LayerError
from gridmgmt.exchange.content.import_files import FileOptions
from gridmgmt.services.responsibility.responders import import_responders, list_responders
from gridmgmt.store.responsibility import responders as store
from gridmgmt.store.schema import audit_log
from tests.factories import make_edition, make_level, square, two_streets
from tests.services.answering import PLAIN, table


def run(conn, path, options=PLAIN):
    return import_responders(conn, path, options, actor="tester")


CHAIN = """
    code,kind,name,phone,superior_code,area_code,remark
    R1,street_chief,路段街长,13900000000,C1,,old
    C1,street_chief,镇街街长,,H,A,
    H,street_chief,总街长,,,,
"""


def test_superiors_may_come_in_any_row_and_unmapped_columns_are_listed(conn, tmp_path):
    make_edition(conn, two_streets())
    summary = run(conn, table(tmp_path, CHAIN))
    assert (summary.added, summary.changed, summary.unchanged) == (3, 0, 0)
    assert summary.unmapped == ("remark",)
    chief, _, road = store.list_responders(conn)
    assert (chief.superior_code, chief.area_level, chief.area_code) == ("H", "street", "A")
    assert (road.kind, road.phone) == (ResponderKind.STREET_CHIEF, "13900000000")


def test_the_same_file_twice_changes_nothing_and_is_not_noted_twice(conn, tmp_path):
    make_edition(conn, two_streets())
    path = table(tmp_path, CHAIN)
    run(conn, path)
    again = run(conn, path)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)
    assert len(conn.execute(select(audit_log)).all()) == 1


def test_a_change_is_noted_with_before_and_after_but_without_the_phone(conn, tmp_path):
    make_edition(conn, two_streets())
    run(conn, table(tmp_path, CHAIN))
    changed = CHAIN.replace("总街长", "李总").replace("13900000000", "13911111111")
    assert run(conn, table(tmp_path, changed)).changed == 2
    entry = conn.execute(select(audit_log).order_by(audit_log.c.id.desc())).first()
    assert (entry.actor, entry.action) == ("tester", "import_responder")
    by_key = {change["key"]: change for change in entry.detail["changed"]}
    assert by_key["H"]["before"] == {"name": "总街长"}
    assert by_key["H"]["after"] == {"name": "李总"}
    assert by_key["R1"]["fields"] == ["phone"]
    assert "139" not in str(entry.detail)


def test_everything_wrong_is_reported_at_once_and_nothing_is_loaded(conn, tmp_path):
    make_edition(conn, two_streets())
    text = """
        code,kind,name,superior_code,area_code,area_level
        A1,boss,甲,,,
        A2,squad,,,,
        A3,squad,丙,nobody,,
        A4,squad,丁,A5,,
        A5,squad,戊,A4,,
        A6,squad,己,,Q9,
        A7,squad,庚,,A,cell
        A8,squad,辛,,,street
        A9,squad,壬,,A,village
        A0,squad,癸,A1,A,
    """
    with pytest.raises(LayerError) as caught:
        run(conn, table(tmp_path, text))
    words = caught.value.problems
    assert [word.split(":")[0] for word in words] == [f"row {n}" for n in range(2, 11)]
    assert "kind: 'boss' is unknown; write one of squad (中队), street_chief (街长)" in words[0]
    assert "name is empty" in words[1]
    assert "no responder 'nobody'" in words[2]
    assert "form a circle: A4 > A5 > A4" in words[3]
    assert "form a circle: A4 > A5 > A4" in words[4]
    assert "no edition has an area 'Q9'" in words[5]
    assert "there is no cell 'A'; the code exists as street" in words[6]
    assert "area_level is given without area_code" in words[7]
    assert "there is no level 'village'; there are city, district" in words[8]
    assert store.list_responders(conn) == []


def test_a_circle_through_what_is_stored_is_found(conn, tmp_path):
    make_edition(conn, two_streets())
    run(conn, table(tmp_path, CHAIN))
    with pytest.raises(LayerError, match="C1 > H > R1 > C1"):
        run(conn, table(tmp_path, "code,kind,name,superior_code\nH,street_chief,总街长,R1"))


def test_a_circle_through_a_row_with_other_faults_is_told_at_once(conn, tmp_path):
    text = """
        code,kind,name,superior_code
        A1,street_chief,,A2
        A2,street_chief,乙,A1
        A3,street_chief,丙,A3
    """
    with pytest.raises(LayerError) as caught:
        run(conn, table(tmp_path, text))
    assert caught.value.problems == (
        "row 2: name is empty",
        "row 2: the superiors form a circle: A1 > A2 > A1",
        "row 3: the superiors form a circle: A1 > A2 > A1",
        "row 4: the superiors form a circle: A3 > A3",
    )


def test_one_code_with_two_contents_is_reported_in_both_rows(conn, tmp_path):
    text = """
        code,kind,name
        S1,squad,一中队
        S1,squad,二中队
        S2,squad,三中队
        S2,squad,三中队
    """
    with pytest.raises(LayerError) as caught:
        run(conn, table(tmp_path, text))
    assert caught.value.problems == (
        "row 2: the same responder as row 3 with another name",
        "row 3: the same responder as row 2 with another name",
    )


def test_a_row_repeated_word_for_word_counts_once_and_is_told(conn, tmp_path):
    summary = run(conn, table(tmp_path, "code,kind,name\nS1,squad,一\nS1,squad,一"))
    assert summary.added == 1
    assert summary.notes[-1] == "row 2: the same row appears 1 more time(s); it was taken once"


def test_a_code_on_two_levels_must_say_which(conn, tmp_path):
    levels = two_streets()
    levels["community"] = make_level("community", {"A": square(0, 0)}, parents={"A": "A"})
    make_edition(conn, levels)
    with pytest.raises(LayerError, match="several levels: street, community; name one"):
        run(conn, table(tmp_path, "code,kind,name,area_code\nS1,squad,一,A"))
    text = "code,kind,name,area_code,area_level\nS1,squad,一,A,community"
    assert run(conn, table(tmp_path, text)).added == 1


def test_an_area_of_an_older_edition_is_taken_with_a_warning(conn, tmp_path):
    make_edition(conn, two_streets())
    only_a = {"street": make_level("street", {"A": square(0, 0)})}
    make_edition(conn, only_a, effective_from=datetime(2028, 1, 1, tzinfo=UTC))
    summary = run(conn, table(tmp_path, "code,kind,name,area_code\nS1,squad,一,B"))
    assert "row 2: street 'B' is in an older edition only" in summary.notes


def test_before_any_edition_the_reason_says_so(conn, tmp_path):
    with pytest.raises(LayerError, match="no edition is published yet"):
        run(conn, table(tmp_path, "code,kind,name,area_code\nS1,squad,一,A"))


def test_missing_columns_are_named_together_with_those_there_are(conn, tmp_path):
    with pytest.raises(LayerError) as caught:
        run(conn, table(tmp_path, "编号,称呼\nS1,一中队"))
    assert caught.value.problems == (
        "there is no column 'code' or '编码'",
        "there is no column 'kind' or '类型'",
        "there is no column 'name' or '名称'",
    )
    assert "编号, 称呼" in caught.value.remedy


def test_columns_of_other_names_can_be_mapped(conn, tmp_path):
    path = table(tmp_path, "编号,类别,名称\nS1,squad,一中队")
    options = FileOptions(mapping={"code": "编号", "kind": "类别", "name": "名称"})
    assert run(conn, path, options).added == 1
    with pytest.raises(InputError, match="no field nome; choose of code"):
        run(conn, path, FileOptions(mapping={"nome": "名称"}))
    with pytest.raises(LayerError, match="there is no column '电话'"):
        run(conn, path, FileOptions(mapping={**options.mapping, "phone": "电话"}))


def test_gbk_text_is_refused_until_the_encoding_is_named(conn, tmp_path):
    path = tmp_path / "gbk.csv"
    path.write_bytes("code,kind,name\nS1,squad,一中队\n".encode("gb18030"))
    with pytest.raises(LayerError, match="encoding"):
        run(conn, path)
    assert run(conn, path, FileOptions(encoding="gb18030")).added == 1
    assert store.list_responders(conn)[0].name == "一中队"


def test_a_text_file_named_xlsx_is_read_for_what_it_is_or_refused(conn, tmp_path):
    path = table(tmp_path, "hello\nworld", name="rows.xlsx")
    with pytest.raises(LayerError, match=r"rows\.xlsx"):
        run(conn, path)
    assert store.list_responders(conn) == []


def test_phones_are_read_only_when_asked_for_and_that_is_noted(conn, tmp_path):
    make_edition(conn, two_streets())
    run(conn, table(tmp_path, CHAIN))
    assert all(one.phone is None for one in list_responders(conn, personal=False, actor="t"))
    entries = len(conn.execute(select(audit_log)).all())
    shown = list_responders(conn, personal=True, actor="t")
    assert [one.phone for one in shown] == [None, None, "13900000000"]
    assert len(conn.execute(select(audit_log)).all()) == entries + 1

import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from tests.cli.areas.test_draft import Bureau
from tests.factories import make_draft, make_edition, make_level, two_streets, write_areas
from tests.services.drafts.test_publishing import insert_case, renamed, with_border_at

SOON = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"


@pytest.fixture
def bureau(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Bureau:
    """Two editions between which a border moved and a cell was renamed, and a draft."""
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    with engine.begin() as conn:
        start = datetime(2025, 12, 31, 16, tzinfo=UTC)
        make_edition(conn, two_streets(), effective_from=start, label="2026")
        changed = renamed(with_border_at(0.4), "B4", "新名")
        later = datetime(2026, 2, 28, 16, tzinfo=UTC)
        make_edition(
            conn,
            {**two_streets(), "cell": changed},
            effective_from=later,
            label="spring",
            tolerance_m2=2.5,
        )
        make_draft(conn, "next", [renamed(changed, "A1", "x")])
    engine.dispose()
    return Bureau(settings, capsys)


def test_editions_are_listed_with_their_dates(bureau: Bureau) -> None:
    assert bureau("edition", "list") == 0
    _, first, second = bureau.out.splitlines()
    assert first.split()[:6] == ["1", "2026", "2026-01-01", "00:00", "2026-03-01", "00:00"]
    assert second.split()[:5] == ["2", "spring", "2026-03-01", "00:00", "–"]
    assert bureau("edition", "list", "--json") == 0
    listed = json.loads(bureau.out)
    assert listed[0]["effective_from"] == "2026-01-01T00:00:00+08:00"
    assert [(one["number"], one["tolerance_m2"]) for one in listed] == [(1, 1.0), (2, 2.5)]


def test_the_list_says_which_edition_is_in_force(bureau: Bureau) -> None:
    publish = ("draft", "publish", "next", "--effective-from", SOON, "--commit")
    assert bureau(*publish) == 0
    assert bureau("edition", "list") == 0
    states = [line.split("tester")[-1].split("nobody")[-1] for line in bureau.out.splitlines()]
    assert [one.split("  ")[-1].strip() for one in states[1:]] == [
        "ended",
        "in force",
        "not yet in force",
    ]
    assert bureau("edition", "withdraw", "3", "--commit") == 0
    assert bureau("edition", "list") == 0
    assert bureau.out.splitlines()[3].endswith("withdrawn")


def test_ground_too_small_to_round_is_not_called_nothing(bureau: Bureau) -> None:
    assert bureau.settings.database_url is not None
    engine = make_engine(bureau.settings.database_url)
    with engine.begin() as conn:
        hair = {**two_streets(), "cell": with_border_at(0.5 - 2e-6)}
        later = datetime(2026, 4, 1, tzinfo=UTC)
        make_edition(
            conn,
            {**two_streets(), "cell": two_streets()["cell"]},
            label="back",
            effective_from=later,
        )
        make_edition(conn, hair, label="hair", effective_from=later + timedelta(days=1))
    engine.dispose()
    assert bureau("edition", "diff", "3", "4") == 0
    [moved] = [line for line in bureau.out.splitlines() if line.startswith("  A1 -> A2: ")]
    assert moved.endswith("(under 0.01%)")
    assert " 0.0 m²" not in moved


def test_an_edition_is_shown_with_its_levels(bureau: Bureau) -> None:
    assert bureau("edition", "show", "1") == 0
    assert [line.split()[:2] for line in bureau.out.splitlines()[1:]] == [
        ["street", "2"],
        ["cell", "8"],
    ]
    assert "in force from 2026-01-01 00:00 until 2026-03-01 00:00" in bureau.err
    assert bureau("edition", "show", "2", "--json") == 0
    shown = json.loads(bureau.out)
    assert [one["areas"] for one in shown["levels"]] == [2, 8]
    assert shown["label"] == "spring"


def test_an_edition_says_what_became_of_the_areas_it_changed(
    settings: Settings, bureau: Bureau
) -> None:
    engine = make_engine(str(settings.database_url))
    with engine.begin() as conn:
        make_draft(conn, "moved", [with_border_at(0.6)])
    engine.dispose()
    publish = ("draft", "publish", "moved", "--effective-from", "2026-04-01", "--commit")
    assert bureau(*publish) == 0
    assert bureau("edition", "show", "3", "--lineage") == 0
    lines = [line.split()[:3] for line in bureau.out.splitlines()]
    assert ["cell", "A2", "A1"] in lines
    assert ["cell", "A1", "A1"] in lines
    assert bureau("edition", "show", "3", "--lineage", "--json") == 0
    shares: dict[str, float] = {}
    for line in json.loads(bureau.out)["lineage"]:
        shares[line["old_code"]] = shares.get(line["old_code"], 0) + line["share"]
    assert shares["A2"] == pytest.approx(1)
    assert bureau("edition", "show", "1", "--lineage", "--json") == 0
    assert json.loads(bureau.out)["lineage"] == []


def test_two_editions_are_compared(bureau: Bureau) -> None:
    assert bureau("edition", "diff", "1", "2") == 0
    lines = bureau.out.splitlines()
    assert lines[0].startswith("cell: 0 added, 0 dropped, 3 altered, ")
    assert "  altered A1: geometry" in lines
    assert "  altered B4: name" in lines
    assert any(line.startswith("  A1 -> A2: ") and "(20.00%)" in line for line in lines)
    assert bureau("edition", "diff", "1", "2", "--json") == 0
    [cell] = json.loads(bureau.out)["levels"]
    assert cell["moved_m2"] == pytest.approx(53_500, rel=0.01)
    assert bureau("edition", "diff", "2", "2") == 0
    assert "have the same areas" in bureau.err


def test_an_edition_not_yet_in_force_is_withdrawn_and_its_draft_opens_again(
    bureau: Bureau,
) -> None:
    publish = ("draft", "publish", "next", "--effective-from", SOON, "--commit")
    assert bureau(*publish) == 0
    before = bureau.held
    assert bureau("edition", "withdraw", "3") == 0
    assert bureau.last.startswith("dry run")
    assert bureau.held == before
    assert bureau("edition", "withdraw", "3", "--commit") == 0
    assert "edition 3 withdrawn; its number is not used again" in bureau.err
    assert "draft 'next' is open again" in bureau.err
    assert bureau("edition", "list") == 0
    assert bureau.out.splitlines()[3].endswith("withdrawn")
    assert bureau("edition", "show", "3") == 0
    assert "never in force" in bureau.err
    assert bureau(*publish) == 0
    assert "edition 4 (next)" in bureau.err


def test_a_draft_made_on_a_withdrawn_edition_is_told_where_it_rests(bureau: Bureau) -> None:
    publish = ("draft", "publish", "next", "--effective-from", SOON, "--commit")
    assert bureau(*publish) == 0
    assert bureau("draft", "create", "later", "--commit") == 0
    assert bureau("edition", "withdraw", "3", "--commit") == 0
    assert "draft 'later' was made on edition 3 and now rests on edition 2" in bureau.err


def test_a_draft_that_something_was_published_after_says_so(bureau: Bureau) -> None:
    assert bureau("draft", "create", "later", "--commit") == 0
    other = make_level("cell", {"B1": two_streets()["cell"].geoms[4]}, parents={"B1": "B"})
    other = renamed(other, "B1", "again")
    assert bureau.settings.database_url is not None
    file = write_areas(bureau.settings.home.parent / "b1.geojson", other)
    given = ("draft", "import", "later", file, "--level", "cell", "--merge", "--commit")
    assert bureau(*given, "--code", "code", "--name", "name", "--parent", "parent") == 0
    assert bureau("draft", "publish", "next", "--effective-from", "2026-04-01", "--commit") == 0
    assert bureau("draft", "check", "later") == 0
    assert "note: edition 3 (next) was published since this draft was opened" in bureau.err
    assert bureau("draft", "publish", "later", "--effective-from", "2026-05-01") == 0
    assert "rebased on edition 3, published since the draft was opened" in bureau.err
    assert bureau("draft", "list", "--json") == 0
    assert [one["label"] for one in json.loads(bureau.out)] == ["next", "later"]


def test_cases_already_judged_are_counted_with_the_remedy(bureau: Bureau) -> None:
    assert bureau.settings.database_url is not None
    engine = make_engine(bureau.settings.database_url)
    with engine.begin() as conn:
        conn.execute(sa.text("SET CONSTRAINTS ALL DEFERRED"))
        insert_case(conn, "1", datetime(2026, 5, 1, tzinfo=UTC))
        conn.execute(
            sa.text(
                "INSERT INTO case_events (case_no, seq, kind, happened_at, actor, detail)"
                " VALUES ('1', 1, 'reported', now(), 'a', '{}')"
            )
        )
    engine.dispose()
    assert bureau("draft", "publish", "next", "--effective-from", "2026-04-01") == 0
    assert "note: 1 stored case(s) reported since then stand under an earlier" in bureau.err
    assert "export cases --edition 3" in bureau.err


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        (("edition", "show", "9"), 6, "there is no edition 9"),
        (("edition", "show", "99999999999"), 6, "there is no edition 99999999999"),
        (("edition", "diff", "1", "9"), 6, "there is no edition 9"),
        (("edition", "withdraw", "9"), 6, "there is no edition 9"),
        (("edition", "withdraw", "1"), 5, "not the newest: edition 2 (spring)"),
        (("edition", "withdraw", "2"), 5, "has been in force since 2026-03-01 00:00;"),
        (("edition", "show", "one"), 2, "'one'"),
    ],
)
def test_a_refusal_has_a_reason_and_an_exit_code(
    bureau: Bureau, command: tuple[str, ...], code: int, told: str
) -> None:
    before = bureau.held
    assert bureau(*command, *(["--commit"] if "withdraw" in command else [])) == code
    assert told in bureau.err
    assert bureau.held == before


def test_the_first_edition_is_extended_and_a_dry_run_counts(bureau: Bureau) -> None:
    assert bureau("edition", "extend", "1", "--from", "2019-03-02") == 0
    said = bureau.err
    assert "edition 1 (2026) in force from 2019-03-02 00:00 instead of 2026-01-01 00:00" in said
    assert "0 case(s) waited for it: 0 located, 0 with a responder" in said
    assert "--commit" in said
    assert bureau("edition", "list") == 0
    assert "2026-01-01 00:00" in bureau.out
    assert bureau("edition", "extend", "1", "--from", "2019-03-02", "--commit") == 0
    assert bureau("edition", "list") == 0
    assert bureau.out.splitlines()[1].split()[2:6] == [
        "2019-03-02",
        "00:00",
        "2026-03-01",
        "00:00",
    ]
    assert bureau("edition", "extend", "2", "--from", "2019-03-02") == 5
    assert "edition 2 is not the first" in bureau.err
    assert bureau("edition", "extend", "1", "--from", "1899-12-31") == 2

import csv
import io
import re
import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.domain.cases.case import CaseMark
from gridmgmt.domain.job import JobStatus
from gridmgmt.services.accounts import accounts
from gridmgmt.settings import Settings
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.jobs import list_jobs
from gridmgmt.worker.kinds import KINDS
from gridmgmt.worker.run import run_job
from tests.services.case_city import A1, B1, case_file, row
from tests.web.conftest import Login, csrf_of


@pytest.fixture
def acceptor(city: Engine, login: Login) -> FlaskClient:
    return login("acceptor")


@pytest.fixture
def file(tmp_path: Path) -> bytes:
    """Two new cases, one known, one unfit, and columns that have names of their own."""
    rows = [
        row("N1", A1, description="<i>新坑洞</i>"),
        row("N2", B1),
        row("C2", A1, due_at="2026-03-04 09:30", disposed_at="2026-03-03 10:00"),
        row("N3", A1, reported_at="some day"),
    ]
    text = case_file(tmp_path, rows, "given.csv").read_text("utf-8")
    return text.replace("case_no,category", "编号,category").encode()


def send(client: FlaskClient, content: bytes, name: str = "cases.csv", **said: str) -> str:
    """Send a file and return the address of its columns."""
    token = csrf_of(client.get("/case-imports").text)
    answer = client.post(
        "/case-imports",
        data={"csrf_token": token, "file": (io.BytesIO(content), name), **said},
    )
    assert answer.status_code == 303, answer.text
    return answer.location


def try_out(client: FlaskClient, columns: str, **fields: str) -> TestResponse:
    page = client.get(columns)
    assert page.status_code == 200
    path, _, query = columns.partition("?")
    said = dict(part.split("=") for part in query.split("&") if part)
    data = {"csrf_token": csrf_of(page.text), **said, **fields}
    return client.post(path, data=data)


def work(engine: Engine, settings: Settings) -> None:
    """Do what a worker would."""
    with engine.connect() as conn:
        waiting = [
            job for job in list_jobs(conn, by=None, limit=9) if job.status is JobStatus.QUEUED
        ]
    for job in waiting:
        run_job(engine, KINDS, job.id, settings)


def numbers(engine: Engine) -> set[str]:
    with engine.connect() as conn:
        return {case.given.case_no for case in list_cases(conn, CaseFilter(), limit=99)}


def test_a_file_is_tried_out_and_then_taken_in(
    acceptor: FlaskClient, engine: Engine, settings: Settings, file: bytes
) -> None:
    before = numbers(engine)
    columns = send(acceptor, file)
    page = acceptor.get(columns).text
    assert "编号" in page
    assert "&lt;i&gt;新坑洞&lt;/i&gt;" in page
    tried = try_out(acceptor, columns, **{"map-case_no": "编号"})
    assert tried.status_code == 303
    report = tried.location
    assert "jobs.js" in acceptor.get(report).text
    work(engine, settings)
    page = acceptor.get(f"{report}?lang=en").text
    assert "some day" in page
    assert "2 new" in page
    assert "WGS 84 (taken) or GCJ-02" in page, "the doubt about the datum"
    assert numbers(engine) == before

    token = csrf_of(page)
    applied = acceptor.post(f"{report}/apply", data={"csrf_token": token})
    assert applied.status_code == 303
    assert applied.location != report
    work(engine, settings)
    page = acceptor.get(f"{applied.location}?lang=en").text
    assert "The cases are stored" in page
    assert numbers(engine) == before | {"N1", "N2"}

    assert applied.location in acceptor.get(report).text
    again = acceptor.post(f"{report}/apply", data={"csrf_token": token})
    assert again.status_code == 409


def test_all_rejected_rows_can_be_taken_away(
    acceptor: FlaskClient, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    rows = [row("N0", A1), *(row(f"N{n}", A1, reported_at="?") for n in range(1, 251))]
    columns = send(acceptor, case_file(tmp_path, rows, "given.csv").read_bytes(), "三月.csv")
    report = try_out(acceptor, columns).location
    work(engine, settings)
    page = acceptor.get(f"{report}?lang=en").text
    assert "Why rows were rejected" in page
    assert "250 rows, for example row 3: " in page
    assert "No row of the file can be used" not in page
    assert "The first 200 of 250" in page
    with acceptor.get(f"{report}/rejected.csv") as answer:
        assert "attachment" in answer.headers["Content-Disposition"]
        given = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert "上报时间：“?”不是日期" in acceptor.get(f"{report}?lang=zh").text
    assert [one["case_no"] for one in given] == [f"N{n}" for n in range(1, 251)]


def test_a_file_of_which_no_row_can_be_used_says_why_at_once(
    acceptor: FlaskClient, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    rows = [row(f"N{n}", A1, reported_at="?", lon="x") for n in range(9)]
    rows += [row("N9", A1, category="")]
    columns = send(acceptor, case_file(tmp_path, rows, "given.csv").read_bytes())
    report = try_out(acceptor, columns).location
    work(engine, settings)
    page = acceptor.get(f"{report}?lang=zh").text
    assert "文件中没有可用的行" in page
    assert "9 行，例如第 2 行：上报时间：“?”不是日期" in page
    assert "9 行，例如第 2 行：经度" in page
    assert "1 行，例如第 11 行：" in page


def test_a_file_without_rejected_rows_has_none_to_take_away(
    acceptor: FlaskClient, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    columns = send(acceptor, case_file(tmp_path, [row("N1")], "given.csv").read_bytes())
    report = try_out(acceptor, columns).location
    assert acceptor.get(f"{report}/rejected.csv").status_code == 404
    work(engine, settings)
    assert acceptor.get(f"{report}/rejected.csv").status_code == 404


def test_a_column_that_cases_need_must_be_named(acceptor: FlaskClient, file: bytes) -> None:
    answer = try_out(acceptor, send(acceptor, file))
    assert answer.status_code == 200
    assert "没有列“case_no”或“案件编号”" in answer.text
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"crs": "/etc/passwd"}, "/etc/passwd"),
        ({"tz": "Mars/Phobos"}, "Mars/Phobos"),
        ({"map-case_no": "no such column"}, "no such column"),
        ({"map-owner": "编号"}, "owner"),
    ],
)
def test_what_cannot_be_meant_is_refused_on_the_page(
    acceptor: FlaskClient, engine: Engine, file: bytes, fields: dict[str, str], said: str
) -> None:
    answer = try_out(acceptor, send(acceptor, file), **{"map-case_no": "编号", **fields})
    assert answer.status_code == 200
    assert said in answer.text
    with engine.connect() as conn:
        assert list_jobs(conn, by=None, limit=9) == []


def test_an_encoding_is_asked_for_and_then_taken(
    acceptor: FlaskClient, engine: Engine, settings: Settings, file: bytes
) -> None:
    gbk = file.decode().encode("gb18030")
    columns = send(acceptor, gbk)
    page = acceptor.get(f"{columns}?lang=en").text
    assert "it looks like GB18030" in page
    assert "“Encoding” gb18030" in page
    tried = try_out(acceptor, f"{columns}?encoding=gb18030", **{"map-case_no": "编号"})
    work(engine, settings)
    assert "2 new" in acceptor.get(f"{tried.location}?lang=en").text


def test_a_file_that_is_no_table_is_told_what_it_is(acceptor: FlaskClient) -> None:
    page = acceptor.get(send(acceptor, b"%PDF-1.7 \n", "report.pdf") + "?lang=en")
    assert page.status_code == 200
    assert "is a PDF document" in page.text
    assert "uploads/" not in page.text, "where it lies on the server"


@pytest.mark.parametrize("content", [b"", None])
def test_without_a_file_nothing_is_kept(acceptor: FlaskClient, content: bytes | None) -> None:
    data: dict[str, object] = {"csrf_token": csrf_of(acceptor.get("/case-imports").text)}
    if content is not None:
        data["file"] = (io.BytesIO(content), "empty.csv")
    answer = acceptor.post("/case-imports", data=data)
    assert (answer.status_code, answer.location) == (303, "/case-imports")
    assert "alert-danger" in acceptor.get("/case-imports").text


def test_an_import_is_its_own_makers_business(
    acceptor: FlaskClient, login: Login, engine: Engine, settings: Settings, file: bytes
) -> None:
    report = try_out(acceptor, send(acceptor, file), **{"map-case_no": "编号"}).location
    work(engine, settings)
    chief = login("duty_chief")
    token = csrf_of(chief.get("/case-imports").text)
    assert chief.get(report).status_code == 404
    assert chief.get(f"{report}/rejected.csv").status_code == 404
    assert chief.post(f"{report}/apply", data={"csrf_token": token}).status_code == 404
    assert login("dispatcher").get("/case-imports").status_code == 403


def test_an_unknown_upload_is_not_found(acceptor: FlaskClient) -> None:
    assert acceptor.get("/case-imports/" + "0" * 32).status_code == 404
    assert acceptor.get("/case-imports/..%2f..%2fetc").status_code == 404


def test_a_failed_try_says_why_and_leads_back(
    acceptor: FlaskClient, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    metres = [row("N1", (535000.0, 3351000.0))]
    columns = send(acceptor, case_file(tmp_path, metres, "given.csv").read_bytes())
    report = try_out(acceptor, columns).location
    work(engine, settings)
    page = acceptor.get(f"{report}?lang=en").text
    assert "are metres, not degrees" in page
    assert "“Coordinate system” EPSG:4547" in page
    assert columns in page
    assert str(settings.home) not in page


def test_chinese_speakers_read_chinese(
    acceptor: FlaskClient, engine: Engine, settings: Settings, file: bytes
) -> None:
    report = try_out(acceptor, send(acceptor, file), **{"map-case_no": "编号"}).location
    work(engine, settings)
    page = acceptor.get(f"{report}?lang=zh").text
    assert "导入" in page
    assert "坐标基准" in page or "GCJ-02" in page


def test_a_file_is_shown_to_who_sent_it_only(
    acceptor: FlaskClient, login: Login, file: bytes
) -> None:
    columns = send(acceptor, file)
    other = login("duty_chief")
    officer = login("gis_officer")
    upload = columns.partition("?")[0].rpartition("/")[2]
    assert acceptor.get(columns).status_code == 200
    assert other.get(columns).status_code == 404
    assert officer.get(f"/layer-imports/zone/{upload}").status_code == 404


def test_an_account_limited_to_an_area_takes_in_no_cases_for_the_whole_city(
    city: Engine, login: Login, engine: Engine, settings: Settings, file: bytes
) -> None:
    limited = login("acceptor", "li", area=("street", "B"))
    page = limited.get("/case-imports")
    assert page.status_code == 403
    token = csrf_of(limited.get("/account").text)
    data = {"csrf_token": token, "file": (io.BytesIO(file), "cases.csv")}
    assert limited.post("/case-imports", data=data).status_code == 403


def test_who_may_import_no_more_gets_nothing_taken_in_by_a_job_that_waited(
    acceptor: FlaskClient, engine: Engine, settings: Settings, file: bytes
) -> None:
    before = numbers(engine)
    columns = send(acceptor, file)
    try_out(acceptor, columns, **{"map-case_no": "编号"})
    with engine.begin() as conn:
        accounts.set_active(conn, "acceptor", active=False, actor="a test")
    work(engine, settings)
    with engine.connect() as conn:
        [job] = list_jobs(conn, by="acceptor", limit=9)
    assert job.status is JobStatus.FAILED
    assert job.error == "your role does not allow this"
    assert numbers(engine) == before


def heap_file(folder: Path, at: tuple[float, float]) -> bytes:
    rows = [row(f"H{n}", at, address=f"某路{n}号") for n in range(100)]
    return case_file(folder, rows, "heap.csv").read_bytes()


def test_a_proposed_default_position_is_accepted_and_withdrawn_on_the_page(
    acceptor: FlaskClient, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    at = (0.1 + 120.2, 30.2525)
    report = try_out(acceptor, send(acceptor, heap_file(tmp_path, at))).location
    work(engine, settings)
    page = acceptor.get(f"{report}?lang=en").text
    assert "Probably default coordinates" in page
    assert "某路0号<br>某路1号<br>某路2号<br>某路3号<br>某路4号" in page
    (position,) = re.findall(r'name="position" value="([^"]+)"', page)
    assert position == f"{at[0]!r},30.2525"
    # The addresses lie beside the upload only.
    with engine.connect() as conn:
        (job,) = list_jobs(conn, by=None, kind="case_import", limit=9)
    assert "某路" not in str(job.result)

    token = csrf_of(page)
    there = f"{report}/default-position"
    form = {"csrf_token": token, "position": position}
    typed = {**form, "position": "120.1525,30.2525"}
    assert acceptor.post(there, data=typed).status_code == 404
    answer = acceptor.post(there, data=form)
    assert (answer.status_code, answer.location) == (303, report)
    page = acceptor.get(f"{report}?lang=en").text
    assert "Accepted as a default coordinate; 0 stored cases are marked." in page
    assert 'name="position"' not in page
    acceptor.post(f"{report}/apply", data={"csrf_token": token})
    work(engine, settings)
    with engine.connect() as conn:
        marked = CaseFilter(mark=CaseMark.DEFAULT_POSITION)
        assert len(list_cases(conn, marked, limit=200)) == 100

    index = acceptor.get("/case-imports?lang=en").text
    assert re.search(rf'{at[0]!r}, 30.2525</th>\s*<td class="numeric">100</td>', index)
    withdrawn = acceptor.post("/case-imports/default-positions/withdraw", data=form)
    assert (withdrawn.status_code, withdrawn.location) == (303, "/case-imports")
    assert "100 cases lost the mark." in acceptor.get("/case-imports?lang=en").text
    with engine.connect() as conn:
        assert list_cases(conn, marked, limit=200) == []


def test_a_report_whose_upload_is_gone_still_proposes_without_addresses(
    acceptor: FlaskClient, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    report = try_out(acceptor, send(acceptor, heap_file(tmp_path, A1))).location
    work(engine, settings)
    shutil.rmtree(settings.home / "uploads")
    page = acceptor.get(f"{report}?lang=en").text
    assert "Accept as default coordinate" in page
    assert "某路" not in page

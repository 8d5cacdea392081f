import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.services.responsibility.duty_lists import DutyQuery, find_duties
from gridmgmt.store.responsibility.responders import list_responders
from gridmgmt.store.responsibility.zones import list_zones
from gridmgmt.store.schema import audit_log, responders
from tests.factories import square
from tests.services.answering import layer
from tests.services.case_city import NOW
from tests.shared import shared_data
from tests.web.conftest import Login, csrf_of
from tests.web.views.responsibility.test_duties import text_of

SQUADS = "编号,kind,name,superior_code\nS1,squad,第一中队,\nS9,squad,九中队,H\n"


@pytest.fixture
def officer(city: Engine, login: Login) -> FlaskClient:
    client = login("gis_officer")
    client.get("/?lang=en")
    return client


def send(
    client: FlaskClient, noun: str, content: bytes, name: str, **said: str
) -> TestResponse:
    """Send a file and follow to its columns."""
    address = f"/layer-imports/{noun}"
    data = {"csrf_token": csrf_of(client.get(address).text), **said}
    sent = client.post(address, data={**data, "file": (io.BytesIO(content), name)})
    assert sent.status_code == 303, sent.text
    # Of a large file the test client keeps what it sent open.
    sent.request.environ["wsgi.input"].close()
    return client.get(sent.location)


def fields_of(page: str) -> dict[str, str]:
    """What the form of a page would send: hidden fields and chosen columns."""
    form = re.search(
        r'<form method="post" action="(/layer-imports[^"]*)".*?</form>', page, re.S
    )
    assert form, text_of(page)
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    for name, options in re.findall(
        r'<select[^>]*name="(map-[^"]+)"[^>]*>(.*?)</select>', form[0], re.S
    ):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        hidden[name] = chosen[1] if chosen else ""
    return {**hidden, "": form[1]}


def post(client: FlaskClient, page: str, **more: str) -> TestResponse:
    fields = fields_of(page)
    return client.post(fields.pop(""), data={**fields, **more})


def zipped(folder: Path) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for one in folder.iterdir():
            archive.write(one, one.name)
    return stream.getvalue()


def names(engine: Engine) -> dict[str, str]:
    with engine.connect() as conn:
        return {one.code: one.name for one in list_responders(conn)}


def test_a_table_is_sent_mapped_tried_out_and_applied(
    city: Engine, officer: FlaskClient
) -> None:
    columns = send(officer, "responders", SQUADS.encode(), "中队.csv")
    assert "编号" in columns.text
    preview = post(officer, columns.text, **{"map-code": "编号"})
    said = text_of(preview.text)
    assert "New 1" in said
    assert "Changed 1" in said
    assert "S1 Name 一中队 第一中队" in said
    assert names(city)["S1"] == "一中队"
    applied = post(officer, preview.text)
    assert (applied.status_code, applied.location) == (303, "/responders")
    assert "Taken in: 1 new, 1 changed" in officer.get("/responders").text
    assert names(city)["S1"] == "第一中队"
    assert names(city)["S9"] == "九中队"
    with city.connect() as conn:
        query = select(audit_log).where(audit_log.c.action == "import_responder")
        (entry,) = conn.execute(query).all()
    assert entry.actor == "gis_officer"


def test_every_bad_row_is_told_with_its_reason_and_nothing_is_stored(
    city: Engine, officer: FlaskClient
) -> None:
    bad = "code,kind,name,superior_code\nX1,ghost,x,\n,squad,y,\nX3,squad,z,X9\n"
    columns = send(officer, "responders", bad.encode(), "bad.csv")
    answer = post(officer, columns.text)
    said = text_of(answer.text)
    assert "3 row(s) cannot be used; nothing was loaded" in said
    for reason in ("row 2: Kind: &#39;ghost&#39; is unknown", "row 3: Code is empty", "row 4"):
        assert reason in said
    assert "X1" not in names(city)


def test_hundreds_of_bad_rows_are_shown_by_kind_and_whole_in_a_table(
    city: Engine, officer: FlaskClient, login: Login
) -> None:
    rows = "".join(f"X{n},boss{n},队\n" for n in range(300))
    file = f"code,kind,name\n{rows}Y1,squad,\n".encode()
    columns = send(officer, "responders", file, "crew.csv")
    page = post(officer, columns.text).text
    assert text_of(page).count("is unknown; write one of") == 3
    assert "… and 297 more" in page
    assert "row 302: Name is empty" in page
    found = re.search(r'href="(/uploads/[0-9a-f]+/problems\.csv)"', page)
    assert found
    with officer.get(found[1]) as answer:
        assert "crew-problems.csv" in answer.headers["Content-Disposition"]
        table_of_all = answer.data.decode("utf-8-sig").splitlines()
    assert len(table_of_all) == 1 + 301
    assert login("gis_officer", username="other").get(found[1]).status_code == 404

    few = send(officer, "responders", "code,kind,name\nX1,boss,队\n".encode(), "few.csv")
    page = post(officer, few.text).text
    assert "is unknown; write one of" in page
    assert "problems.csv" not in page


def test_faults_are_told_in_chinese_with_the_names_of_the_page(officer: FlaskClient) -> None:
    officer.get("/login?lang=zh")
    rows = "".join(f"A{n},,cell,*,01/02/2026\n" for n in range(30))
    file = f"responder_code,role,target,categories,valid_from\n{rows}".encode()
    columns = send(officer, "duties", file, "责任.csv")
    page = post(officer, columns.text, **{"map-target_code": "target"}).text
    said = text_of(page)
    assert "第 2 行：角色为空" in said
    assert "起始日：“01/02/2026”分不清月和日" in said
    # The values to choose from follow the name of the page's field once.
    formats = "“日期格式” &#34;MM/DD/YYYY&#34;, &#34;DD/MM/YYYY&#34;"
    assert formats in said
    assert re.search(r'<li class="preserve-lines rest">……另有 \d+ 条</li>', page)
    assert re.search(r"</ul>\s*<p[^>]*><strong>处理办法：</strong>", page)
    found = re.search(r'href="(/uploads/[0-9a-f]+/problems\.csv)"', page)
    assert found
    with officer.get(found[1]) as answer:
        headings, first, *_others = answer.data.decode("utf-8-sig").splitlines()
    assert headings == "类型,问题"
    assert "角色" in first
    assert "role" not in first


def test_columns_called_like_the_fields_of_the_page_are_recognised(
    officer: FlaskClient,
) -> None:
    officer.get("/login?lang=zh")
    file = "编码,类型,名称,电话,kind\nN1,squad,一队,1,squad\n".encode()
    page = send(officer, "responders", file, "队.csv").text
    sent = fields_of(page)
    chosen = {field: sent[f"map-{field}"] for field in ("code", "kind", "name", "phone")}
    # The name of a field goes before the name on the page.
    assert chosen == {"code": "编码", "kind": "kind", "name": "名称", "phone": "电话"}
    # What is recognised by its heading is read, so leaving it out is not offered.
    selects = dict(
        re.findall(r'<select[^>]*name="map-([^"]+)"[^>]*>(.*?)</select>', page, re.S)
    )
    assert '<option value="">' not in selects["phone"]
    assert '<option value="">' not in selects["kind"]
    assert '<option value="">' in selects["superior_code"]
    preview = post(officer, page)
    assert "新增 1" in text_of(preview.text)


def test_notes_are_in_chinese_with_the_names_of_the_page(
    city: Engine, officer: FlaskClient, tmp_path: Path
) -> None:
    officer.get("/login?lang=zh")
    rows = [{"code": "Z1", "kind": "vendor", "name": "摊点群", "valid_to": "9999-12-31"}]
    content = layer(tmp_path, rows, [square(0, 0)]).read_bytes()
    columns = send(officer, "zones", content, "zones.gpkg")
    told = text_of(post(officer, columns.text).text)
    assert "截止日：1 个要素：9999-12-31 表示长期有效，按无截止日期保存" in told


def test_what_became_wrong_meanwhile_is_told_when_it_is_applied(
    city: Engine, officer: FlaskClient
) -> None:
    text = "code,kind,name,superior_code\nS9,squad,九中队,T1\n"
    with city.begin() as conn:
        conn.execute(responders.insert().values(code="T1", kind="squad", name="上级"))
    preview = post(officer, send(officer, "responders", text.encode(), "s.csv").text)
    with city.begin() as conn:
        conn.execute(responders.delete().where(responders.c.code == "T1"))
    answer = post(officer, preview.text)
    assert answer.status_code == 200
    assert "1 row(s) cannot be used" in text_of(answer.text)
    assert "S9" not in names(city)


def test_a_layer_is_sent_with_its_crs(
    city: Engine, officer: FlaskClient, tmp_path: Path
) -> None:
    rows = [{"code": "Z1", "kind": "vendor", "name": "<b>早市</b>"}]
    content = layer(tmp_path, rows, [square(0, 0)]).read_bytes()
    columns = send(officer, "zones", content, "zones.gpkg", crs="4490")
    assert "<b>早市" not in columns.text
    preview = post(officer, columns.text)
    assert "New 1" in text_of(preview.text)
    assert post(officer, preview.text).location == "/layer-imports"
    with city.connect() as conn:
        assert [one.name for one in list_zones(conn)[0]] == ["<b>早市</b>"]


def test_some_features_of_a_layer_are_taken_in(
    city: Engine, officer: FlaskClient, tmp_path: Path
) -> None:
    rows = [{"code": f"Z{n}", "kind": "vendor", "name": f"市{n}"} for n in (1, 2)]
    content = layer(tmp_path, rows, [square(0, 0), square(1, 0)]).read_bytes()
    columns = send(officer, "zones", content, "zones.gpkg")
    address = columns.request.path
    columns = officer.get(address, query_string={"where": "code = 'Z2'"})
    preview = post(officer, columns.text.replace("&#39;", "'"))
    assert "New 1" in text_of(preview.text)
    assert post(officer, preview.text.replace("&#39;", "'")).location == "/layer-imports"
    with city.connect() as conn:
        assert [one.code for one in list_zones(conn)[0]] == ["Z2"]


def test_what_the_export_writes_changes_nothing_when_it_comes_back(
    city: Engine, officer: FlaskClient
) -> None:
    token = csrf_of(officer.get("/exports").text)
    made = officer.post(
        "/exports", data={"csrf_token": token, "noun": "duties", "format": "csv"}
    )
    content = officer.get(f"{made.location}/file", buffered=True).data
    assert len(list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))) == 3
    preview = post(officer, send(officer, "duties", content, "duties.csv").text)
    said = text_of(preview.text)
    assert "There is nothing to take in." in said
    assert "As they were 2" in said


def test_a_duty_is_ended_by_its_last_day(city: Engine, officer: FlaskClient) -> None:
    text = (
        "responder_code,role,target,level,target_code,categories,valid_to,letter_no\n"
        "S1,dispose,area,cell,A1,*,2026-12-31,17号\n"
    )
    preview = post(officer, send(officer, "duties", text.encode(), "d.csv").text)
    assert "Last day – 2026-12-31" in text_of(preview.text)
    assert post(officer, preview.text).location == "/duties"
    with city.connect() as conn:
        (row,) = find_duties(conn, DutyQuery(responder="S1"), today=NOW.date()).rows
    assert str(row.duty.valid_to) == "2026-12-31"


@pytest.mark.parametrize(
    ("noun", "file", "said"),
    [
        ("zones", "03_chicago_wards_2003_duplicate_codes.geojson", "there is no column"),
        ("zones", "17_hangzhou_districts_gcj02.geojson", "there is no column"),
        ("zones", "13_baltimore_parcels_null_geometry", "there is no column"),
        ("zones", "09_shenzhen_districts_no_prj", "Coordinate system"),
        ("zones", "07_shanghai_gbk_dbf_no_cpg", "there is no column"),
        ("duties", "04_la_nc_2020_3d_z.geojson", "is JSON"),
        ("responders", "11_renshou_towns_split_key.geojson", "is JSON"),
    ],
)
def test_bad_files_end_in_clear_words(
    officer: FlaskClient, noun: str, file: str, said: str
) -> None:
    path = shared_data("bad_inputs") / file
    content = zipped(path) if path.is_dir() else path.read_bytes()
    columns = send(officer, noun, content, f"{file}.zip" if path.is_dir() else file)
    assert columns.status_code == 200
    if "map-" in columns.text:
        columns = post(officer, columns.text)
    assert said in text_of(columns.text).replace("&#39;", "'")


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"\x00\x01\x02", "a.csv", "cannot"),
        ("编号,名称\n1,二\n".encode("gb18030"), "a.csv", "encoding"),
        (b"PK\x03\x04 broken", "a.xlsx", "damaged"),
        (b"code,code\n1,2\n", "a.csv", "is given to 2 columns"),
    ],
)
def test_files_that_are_no_tables_end_in_clear_words(
    officer: FlaskClient, content: bytes, name: str, said: str
) -> None:
    columns = send(officer, "categories", content, name)
    assert columns.status_code == 200
    assert said in text_of(columns.text).lower()


def test_no_file_and_an_empty_one_are_said(officer: FlaskClient) -> None:
    token = csrf_of(officer.get("/layer-imports/zones?lang=zh").text)
    for data in ({}, {"file": (io.BytesIO(b""), "a.gpkg")}):
        answer = officer.post("/layer-imports/zones", data={"csrf_token": token, **data})
        assert (answer.status_code, answer.location) == (303, "/layer-imports/zones")
    assert "文件是空的" in officer.get("/layer-imports/zones").text


def test_a_server_file_is_never_read_as_a_crs(officer: FlaskClient, tmp_path: Path) -> None:
    content = layer(tmp_path, [{"code": "Z1"}], [square(0, 0)]).read_bytes()
    columns = send(officer, "zones", content, "zones.gpkg", crs="/etc/passwd.prj")
    assert "is not known here" in text_of(columns.text)


def test_each_noun_asks_for_its_own_permission(city: Engine, login: Login) -> None:
    for role in ("planner", "dispatcher", "commander", "administrator"):
        assert login(role).get("/layer-imports").status_code == 403, role
        assert login(role).get("/layer-imports/duties").status_code == 403, role
    with city.begin() as conn:
        conn.exec_driver_sql(
            "DELETE FROM role_permissions WHERE role = 'gis_officer'"
            " AND permission = 'import_layers'"
        )
    officer = login("gis_officer")
    assert officer.get("/layer-imports/duties").status_code == 200
    assert officer.get("/layer-imports/zones").status_code == 403
    index = officer.get("/layer-imports").text
    assert re.findall(r'href="/layer-imports/(\w+)"', index) == ["duties"]


def test_an_account_of_a_street_cannot_import_for_the_city(city: Engine, login: Login) -> None:
    client = login("gis_officer", "of-a", area=("street", "A"))
    answer = client.get("/layer-imports/zones?lang=en")
    assert answer.status_code == 403
    assert "the limit of this account to an area" in answer.text


def test_what_is_no_import_and_no_upload_is_not_found(officer: FlaskClient) -> None:
    assert officer.get("/layer-imports/areas").status_code == 404
    assert officer.get(f"/layer-imports/zones/{'0' * 32}").status_code == 404
    assert officer.get("/layer-imports/zones/..").status_code == 404


def test_a_refusal_calls_a_file_as_its_sender_does(officer: FlaskClient) -> None:
    broken = b'<kml xmlns="http://www.opengis.net/kml/2.2"><Document></Document></kml><kml/>'
    told = text_of(send(officer, "zones", broken, "二环.kml", crs="EPSG:4326").text)
    assert "二环.kml" in told
    assert "/uploads/" not in told

"""Duties changed on pages: from a hole or a double to the form, the preview and the change."""

import html
import re
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.store.responsibility.duties import add_duties, list_duties
from gridmgmt.store.schema import audit_log
from tests.web.conftest import Login, csrf_of
from tests.web.views.responsibility.test_duties import text_of

Pairs = list[tuple[str, str]]


class _Fields(HTMLParser):
    """What a browser would send of the form with one action, untouched."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self._action = action
        self._inside = False
        self._select = ""
        self.sent: Pairs = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        one = dict(attrs)
        if tag == "form":
            self._inside = one.get("action") == self._action
        if not self._inside:
            return
        name, value = one.get("name") or "", one.get("value") or ""
        if tag == "input" and (
            one.get("type") not in ("checkbox", "radio") or "checked" in one
        ):
            self.sent.append((name, value))
        if tag == "select":
            self._select = name
        if tag == "option" and "selected" in one:
            self.sent.append((self._select, value))


def fields(page: TestResponse, action: str) -> Pairs:
    reader = _Fields(action)
    reader.feed(page.text)
    assert reader.sent, f"no form for {action}"
    return reader.sent


def with_values(sent: Pairs, **values: str) -> Pairs:
    return [pair for pair in sent if pair[0] not in values] + list(values.items())


def told(sent: Pairs) -> Pairs:
    """What was filled in; a token may be of the next second."""
    filled = [pair for pair in sent if pair[0] != "csrf_token" and pair[1]]
    # A proposal that was ticked comes back ticked, and carried it is the responder.
    return sorted(
        ("responder" if name == "proposed" else name, value) for name, value in filled
    )


def post(client: FlaskClient, address: str, sent: Pairs) -> TestResponse:
    return client.post(
        address,
        data=urlencode(sent),
        content_type="application/x-www-form-urlencoded",
    )


def link(page: TestResponse, pattern: str) -> str:
    found = re.search(pattern, page.text, re.DOTALL)
    assert found, f"no link {pattern}"
    return html.unescape(found[1])


@pytest.fixture
def officer(city: Engine, login: Login) -> FlaskClient:
    with city.begin() as conn:
        add_duties(
            conn,
            [
                Duty(0, who, DutyRole.DISPOSE, DutyTarget.AREA, "cell", "B2", frozenset(named))
                for who, named in (("S1", {"E1", "E2"}), ("S2", {"E1"}))
            ],
        )
    return login("gis_officer")


def numbers(city: Engine) -> dict[tuple[str, str], int]:
    with city.connect() as conn:
        return {(one.responder_code, one.target_code): one.id for one in list_duties(conn)}


def test_a_hole_in_the_matrix_is_mended_in_three_clicks(
    officer: FlaskClient, city: Engine
) -> None:
    matrix = officer.get("/duties/matrix?level=cell&lang=en")
    row = re.search(
        r'<th scope="row">\s*<a[^>]*area=cell[^>]*A2.*?</tr>', matrix.text, re.DOTALL
    )
    assert row
    address = re.search(r'class="fault fault-hole" href="([^"]+)"', row[0])
    assert address
    form = officer.get(html.unescape(address[1]))
    assert form.status_code == 200
    sent = fields(form, "/duties/changes")
    # Nothing is asked that the program knows.
    assert ("place", "area:cell:A2") in sent
    assert ("category", "E1") in sent
    assert ("category", "E2") not in sent
    looked = post(officer, "/duties/changes", with_values(sent, responder="S1"))
    assert looked.status_code == 200, text_of(looked.text)
    said = text_of(looked.text)
    assert "1 closed, 0 opened" in said
    before = numbers(city)
    stored = post(officer, "/duties/changes/apply", fields(looked, "/duties/changes/apply"))
    assert stored.status_code == 303
    assert set(numbers(city)) - set(before) == {("S1", "A2")}
    shown = officer.get(stored.headers["Location"])
    assert "would give 1 of them to others" in text_of(shown.text)
    reroute = link(shown, r'class="alert-link" href="(/editions/\d+/reroute)"')
    assert officer.get(reroute).status_code == 200
    with city.connect() as conn:
        entries = conn.execute(audit_log.select()).all()
    assert any(one.action == "change_duties" and one.actor == "gis_officer" for one in entries)


def test_who_answers_beside_is_proposed_and_anybody_else_is_typed(
    officer: FlaskClient,
) -> None:
    form = officer.get("/duties/mend?area=cell:A2&category=E1&kind=hole&lang=en")
    assert form.status_code == 200
    assert '<option value="S1"' not in form.text
    assert re.search(r'type="radio" name="proposed"[^>]*value="S1"', form.text)
    said = text_of(form.text)
    assert "answers for the same in" in said
    assert "of the neighbouring areas" in said
    sent = fields(form, "/duties/changes")
    none = post(officer, "/duties/changes", sent)
    assert none.status_code == 400
    ticked = post(officer, "/duties/changes", [*sent, ("proposed", "S1")])
    assert ("responder", "S1") in fields(ticked, "/duties/changes/apply")
    # What is typed goes before what was ticked, as a name just as well as as a code.
    named = with_values(sent, responder="二中队", proposed="S1")
    looked = post(officer, "/duties/changes", named)
    assert ("responder", "S2") in fields(looked, "/duties/changes/apply")
    several = post(officer, "/duties/changes", with_values(sent, responder="中队"))
    assert several.status_code == 400
    assert "means 2 responders" in text_of(several.text)


def test_a_double_of_the_audit_is_mended_by_choosing_who_ends(
    officer: FlaskClient, city: Engine
) -> None:
    audit = officer.get("/duties/audit?lang=en")
    section = audit.text[audit.text.index('aria-labelledby="double"') :]
    address = re.search(r'href="(/duties/mend[^"]+)"', section)
    assert address
    form = officer.get(html.unescape(address[1]))
    sent = fields(form, "/duties/changes")
    known = numbers(city)
    unchosen = post(officer, "/duties/changes", sent)
    assert unchosen.status_code == 400, text_of(unchosen.text)
    assert 'id="ends-help"' in unchosen.text, text_of(unchosen.text)
    assert "end a duty or state a new one" in unchosen.text
    chosen = [*sent, ("end", str(known["S1", "B2"]))]
    looked = post(officer, "/duties/changes", chosen)
    said = text_of(looked.text)
    assert "1 closed, 0 opened" in said
    # Nothing has ended yet.
    assert "no longer valid once stored" in said
    assert not re.search(r"\bended\b", said)
    post(officer, "/duties/changes/apply", fields(looked, "/duties/changes/apply"))
    after = officer.get("/duties/audit?lang=en")
    assert 'aria-labelledby="double"' not in after.text
    with city.connect() as conn:
        last = list_duties(conn)[-1]
    # What else it named, its responder keeps.
    assert (last.responder_code, last.categories) == ("S1", frozenset({"E2"}))


def test_a_duty_is_changed_from_its_row(officer: FlaskClient, city: Engine) -> None:
    rows = officer.get("/duties?area=cell:B2&lang=en")
    known = numbers(city)
    address = link(rows, rf'href="(/duties/{known["S2", "B2"]}/change)"')
    form = officer.get(address)
    sent = with_values(fields(form, "/duties/changes"), responder="", hours="08:00-18:00")
    sent = [*(pair for pair in sent if pair[0] != "proposed"), ("proposed", "S1")]
    looked = post(officer, "/duties/changes", sent)
    assert looked.status_code == 200, text_of(looked.text)
    back = post(officer, "/duties/changes/form", fields(looked, "/duties/changes/form"))
    assert told(fields(back, "/duties/changes")) == told(sent)
    stored = post(officer, "/duties/changes/apply", fields(looked, "/duties/changes/apply"))
    assert stored.status_code == 303
    with city.connect() as conn:
        by_id = {one.id: one for one in list_duties(conn)}
    assert by_id[known["S2", "B2"]].valid_to is not None
    assert by_id[max(by_id)].hours == "08:00-18:00"


def test_errors_stand_beside_their_fields_and_what_was_typed_stays(
    officer: FlaskClient,
) -> None:
    sent = fields(officer.get("/duties/new?lang=en"), "/duties/changes")
    typed = with_values(sent, code="Z9", responder="S1", hours="whenever", day="2026-13-01")
    answer = post(officer, "/duties/changes", typed)
    assert answer.status_code == 400
    for name in ("places", "hours", "categories", "day"):
        assert f'id="{name}-help"' in answer.text, name
    assert 'value="whenever"' in answer.text
    chinese = officer.get("/duties/new?lang=zh")
    assert chinese.status_code == 200
    said = post(officer, "/duties/changes", typed).text
    assert re.search(r'id="hours-help">时段：“whenever”无法识别', said), text_of(said)


def test_hours_are_typed_by_an_example_and_said_in_words(officer: FlaskClient) -> None:
    sent = fields(officer.get("/duties/new?lang=zh"), "/duties/changes")
    typed = with_values(sent, code="A3", responder="S1", hours="Sa,Su 22:00-06:00", all="1")
    form = post(officer, "/duties/changes/form", typed).text
    help_text = form.split('id="hours-help">')[1].split("</div>")[0]
    assert help_text.startswith("即：周六、周日 22:00–次日 6:00。")
    assert "Mo-Fr 08:00-18:00（周一至周五 8:00–18:00）" in help_text
    looked = text_of(post(officer, "/duties/changes", typed).text)
    assert "周六、周日 22:00–次日 6:00" in looked
    # What people write in words is answered with how it is typed.
    wrong = with_values(sent, code="A3", responder="S1", hours="周六至周日 8:00—18:00")
    said = post(officer, "/duties/changes", wrong).text
    assert "Sa-Su 8:00-18:00" in said.split('id="hours-help">')[1].split("</div>")[0]


def test_who_comes_second_is_told_and_looks_again(officer: FlaskClient, city: Engine) -> None:
    sent = with_values(
        fields(officer.get("/duties/new?lang=en"), "/duties/changes"), code="A3", responder="S1"
    )
    sent.append(("all", "1"))
    looked = post(officer, "/duties/changes", sent)
    with city.begin() as conn:
        add_duties(conn, [Duty(0, "S2", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A3", None)])
    before = numbers(city)
    second = post(officer, "/duties/changes/apply", fields(looked, "/duties/changes/apply"))
    assert second.status_code == 409
    assert "Somebody changed duties meanwhile" in second.text
    assert numbers(city) == before
    # Looked at again, it can be stored.
    again = post(officer, "/duties/changes/apply", fields(second, "/duties/changes/apply"))
    assert again.status_code == 303


def test_what_was_typed_comes_back_as_text(officer: FlaskClient) -> None:
    sent = fields(officer.get("/duties/new?lang=en"), "/duties/changes")
    markup = "<img src=x onerror=alert(1)>"
    typed = with_values(sent, code="A3", responder="S1", letter=markup, why=markup, all="1")
    looked = post(officer, "/duties/changes", typed)
    assert looked.status_code == 200
    for page in (looked, post(officer, "/duties/changes/form", typed)):
        assert html.escape(markup) in page.text
        assert markup not in page.text


def test_a_finding_that_is_gone_is_said(officer: FlaskClient) -> None:
    page = officer.get("/duties/mend?finding=0123456789abcdef&lang=en")
    assert page.status_code == 200
    assert "somebody has changed duties" in page.text


def test_others_see_no_way_to_change_a_duty(officer: FlaskClient, login: Login) -> None:
    del officer
    chief = login("duty_chief")
    for address in ("/duties", "/duties/matrix?level=cell", "/duties/audit"):
        page = chief.get(address)
        assert page.status_code == 200
        assert not re.search(r'href="/duties/(mend|new|\d+/)', page.text)
    assert chief.get("/duties/new").status_code == 403
    token = csrf_of(chief.get("/account").text)
    assert chief.post("/duties/changes/apply", data={"csrf_token": token}).status_code == 403


@pytest.mark.parametrize("address", ["999999/end", "999999/change", "mend?area=cell:Z9"])
def test_what_is_not_there_is_not_found(officer: FlaskClient, address: str) -> None:
    assert officer.get(f"/duties/{address}").status_code == 404

"""What an account may not see answers like what is not there: same status, same words."""

import re
from collections.abc import Iterator

import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.domain.responsibility.component import Component
from gridmgmt.services.files import jobs
from gridmgmt.store.responsibility.components import put_components
from tests.services.answering import objects
from tests.services.case_city import B1
from tests.web.conftest import Login, csrf_of
from tests.web.test_api import Program, program

# Of each argument of an address: what is there out of sight, and what is nowhere at all.
# The account is limited to street A; street B, its cells, its responder S2 and case C4 are not
# for it, nor what others made.
PAIRS: dict[str, list[tuple[dict[str, object], dict[str, object]]]] = {
    "areas.detail": [
        ({"level": "street", "code": "B"}, {"level": "street", "code": "Z"}),
        ({"level": "cell", "code": "B1"}, {"level": "cell", "code": "Z9"}),
    ],
    "map.area": [
        ({"level": "street", "code": "B"}, {"level": "street", "code": "Z"}),
        ({"level": "cell", "code": "B1"}, {"level": "cell", "code": "Z9"}),
    ],
    "api_areas.show": [
        ({"level": "street", "code": "B"}, {"level": "street", "code": "Z"}),
        ({"level": "cell", "code": "B1"}, {"level": "cell", "code": "Z9"}),
    ],
    "api_areas.figures": [
        ({"level": "street", "code": "B"}, {"level": "street", "code": "Z"}),
        ({"level": "cell", "code": "B1"}, {"level": "cell", "code": "Z9"}),
    ],
    "api_areas.history": [
        ({"level": "street", "code": "B"}, {"level": "street", "code": "Z"}),
        ({"level": "cell", "code": "B1"}, {"level": "cell", "code": "Z9"}),
    ],
    "responders.detail": [({"code": "S2"}, {"code": "S9"})],
    "components.detail": [({"code": "K-B"}, {"code": "K-Z"})],
    "components.position": [({"code": "K-B"}, {"code": "K-Z"})],
    "components.area": [({"code": "K-B"}, {"code": "K-Z"})],
}
PAIRS |= {
    f"cases.{name}": [({"case_no": number}, {"case_no": "C9"}) for number in ("C4", "C5")]
    for name in ("detail", "position", "components", "around")
}
PAIRS |= {
    f"cases.{name}": [({"case_no": number}, {"case_no": "C9"}) for number in ("C4", "C5")]
    for name in ("place", "assign", "bounce", "dispose", "close")
}
# The position that is asked about comes first: the key is what stands last.
_AT = {"lon": B1[0], "lat": B1[1]}
PAIRS["cases.placing"] = [
    ({**_AT, "case_no": number}, {**_AT, "case_no": "C9"}) for number in ("C4", "C5")
]
PAIRS["supervision.supervise"] = PAIRS["cases.close"]
PAIRS |= {
    f"api_cases.{name}": [({"case_no": number}, {"case_no": "C9"}) for number in ("C4", "C5")]
    for name in ("show", "explanation")
}
# Questions whose answer is found by a parameter, not by a part of the address.
ASKED = [
    ("/areas/around.json?area=street:{}", "B", "Z"),
    ("/areas/around.json?area=cell:{}", "B1", "Z9"),
    ("/cases?area=cell:{}", "B1", "Z9"),
    ("/cases?area=street:{}", "B", "Z"),
    ("/cases?responder={}", "S2", "S9"),
    ("/cases?component={}", "K-B", "K-Z"),
    ("/cases?q={}", "C4", "C9"),
    ("/areas?q={}", "B1", "Z9"),
    ("/duties?area={}", "B1", "Z9"),
    ("/duties?responder={}", "S2", "S9"),
    ("/duties/matrix?parent=street:{}", "B", "Z"),
    ("/responders?q={}", "S2", "S9"),
    ("/components?q={}", "K-B", "K-Z"),
    ("/map/search.json?q={}", "B1", "Z9"),
    ("/map/search.json?q={}", "C4", "C9"),
    ("/cases/export?area=cell:{}", "B1", "Z9"),
]


@pytest.fixture
def limited(city: Engine, login: Login) -> FlaskClient:
    """A duty chief of street A."""
    with city.begin() as conn:
        units = {"owner_name": "x", "maintainer_name": "y", "manager_name": "z"}
        component = Component("K-B", "E1", "x", "U", maintainer_code="S2", **units)
        put_components(conn, [component], objects(shapely.Point(B1)))
    return login("duty_chief", "li", area=("street", "A"))


def normal(text: str, key: str) -> str:
    """What an answer says, but for what was asked for and what differs from one to the next."""
    text = re.sub(r"map_[0-9a-f]{32}|\d{4}-\d\d-\d\dT[\d:]{8}", "", text)
    text = re.sub(r'nonce[-=]"?[\w-]+"?|name="csrf_token" value="[^"]+"', "", text)
    return text.replace(key, "·")


def addresses(app: Flask) -> Iterator[tuple[str, str, str, str, str, str]]:
    for rule in app.url_map.iter_rules():
        for there, nowhere in PAIRS.get(rule.endpoint, ()):
            extra = {"part": "area"} if "part" in rule.arguments else {}
            method = "POST" if "POST" in (rule.methods or ()) else "GET"
            built = [rule.build({**one, **extra}) for one in (there, nowhere)]
            assert built[0] is not None
            assert built[1] is not None
            keys = [str(list(one.values())[-1]) for one in (there, nowhere)]
            yield rule.endpoint, method, built[0][1], built[1][1], keys[0], keys[1]


def test_every_address_of_something_is_in_the_table(app: Flask) -> None:
    """Another argument of an address needs a row here, or a reason to need none."""
    # What only its maker sees is asked for in the next test; the rest is the city's, or open.
    elsewhere = {"username", "job_id", "upload_id", "download_id", "token_id", "draft_id"}
    open_to_all = {"number", "first", "second", "edition", "noun", "zoom", "column", "row"}
    open_to_all |= {
        "label",
        "role",
        "layer",
        "filename",
        "part",
        "side",
        "secret",
        "display_id",
        "session_id",
    }
    # All of a level, as far as the account sees it; a draft is seen whole or not at all.
    of_a_level = {"map_data.shapes", "workbench.overview", "workbench.exact"}
    of_a_level |= {"workbench_panels.area"}
    for rule in app.url_map.iter_rules():
        arguments = rule.arguments - elsewhere - open_to_all
        if arguments and rule.endpoint not in of_a_level:
            assert rule.endpoint in PAIRS, rule


def test_what_is_out_of_sight_answers_like_what_is_nowhere(
    app: Flask, limited: FlaskClient, city: Engine
) -> None:
    token = csrf_of(limited.get("/account").text)
    api: Program = program(app, city, "duty_chief", "wang", area=("street", "A"))
    different = []
    compared = 0
    for endpoint, method, there, nowhere, key, none in addresses(app):
        data = {"csrf_token": token, "text": "x", "responder": "S1", "seen_seq": "1"}
        answers = []
        for path in (there, nowhere):
            if path.startswith("/api/"):
                answers.append(api.get(path.removeprefix("/api/v1")))
            else:
                sent = data if method == "POST" else None
                answers.append(limited.open(path, method=method, data=sent))
        one, other = answers
        compared += 1
        if one.status_code not in {403, 404} or one.status_code != other.status_code:
            different.append((endpoint, there, one.status_code, other.status_code))
        elif normal(one.text, key) != normal(other.text, none):
            different.append((endpoint, there, one.text[-600:], other.text[-600:]))
    assert different == [], "\n".join(str(one)[:900] for one in different)
    assert compared > 20


def test_a_question_about_what_is_out_of_sight_finds_what_one_about_nothing_finds(
    limited: FlaskClient,
) -> None:
    different = []
    for question, there, nowhere in ASKED:
        one, other = (limited.get(question.format(key)) for key in (there, nowhere))
        told = (normal(one.text, there), normal(other.text, nowhere))
        if one.status_code != other.status_code or told[0] != told[1]:
            lines = [set(text.split("\n")) for text in told]
            apart = (lines[0] - lines[1], lines[1] - lines[0])
            different.append((question, one.status_code, other.status_code, apart))
    assert different == [], "\n".join(str(one)[:900] for one in different)


def test_what_another_made_answers_like_what_nobody_made(
    app: Flask, login: Login, city: Engine
) -> None:
    with city.begin() as conn:
        for kind in ("case_import", "case_export", "draft_publish", "case_reroute"):
            jobs.enqueue(
                conn, kind, {"commit": False, "upload": "0" * 32}, title="x", actor="x"
            )
    client = login("duty_chief")
    different = []
    for path in (
        "/jobs/{}",
        "/jobs/{}.json",
        "/case-imports/jobs/{}",
        "/case-imports/jobs/{}/rejected.csv",
        "/cases/exports/{}",
    ):
        for number in range(1, 5):
            one, other = client.get(path.format(number)), client.get(path.format(9))
            if (one.status_code, other.status_code) != (404, 404):
                different.append((path, one.status_code, other.status_code))
    assert different == [], "\n".join(str(one)[:900] for one in different)


def test_lists_to_choose_from_offer_what_matters_to_who_chooses(
    limited: FlaskClient, login: Login
) -> None:
    """The filter of cases named every responder and street to accounts of one street."""

    def options(client: FlaskClient) -> set[str]:
        return set(re.findall(r'<option value="([^"]*)"', client.get("/cases").text))

    assert "street:A" in options(limited)
    assert not {"street:B", "cell:B1"} & options(limited)
    assert {"S1", "OA"} <= typed(limited)
    assert not {"S2", "OB"} & typed(limited)
    own = login("responder", responder_code="S1")
    assert not {"S2", "OA", "street:A"} & options(own)
    assert 'name="responder"' not in own.get("/cases").text
    everything = login("duty_chief")
    assert "street:B" in options(everything)
    assert {"S1", "S2"} <= typed(everything)


def typed(client: FlaskClient, words: str = "") -> set[str]:
    """Return the codes that are offered while somebody types a responder."""
    found = client.get("/responders/choices.json", query_string={"q": words}).get_json()
    return {one["code"] for one in found["choices"]}


def test_a_case_goes_to_whom_one_may_choose(limited: FlaskClient, city: Engine) -> None:
    page = limited.get("/cases/C3").text
    assert "S1" in typed(limited, "S")
    assert "S2" not in typed(limited, "S")
    assert 'value="S2"' not in page
    data = {"csrf_token": csrf_of(page), "text": "x", "seen_seq": "1"}
    told = []
    for code in ("S2", "S9"):
        answer = limited.post("/cases/C3/assign", data={**data, "responder": code})
        assert answer.status_code == 400
        told.append(normal(answer.text, code))
    assert told[0] == told[1]
    seen = re.search(r'name="seen_seq" value="(\d+)"', page)
    assert seen
    data |= {"seen_seq": seen[1], "responder": "S1"}
    assert limited.post("/cases/C3/assign", data=data).status_code == 303

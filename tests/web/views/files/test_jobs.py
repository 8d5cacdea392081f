import pytest
from sqlalchemy.engine import Engine

from gridmgmt.domain.job import JobStatus
from gridmgmt.services.files import jobs
from gridmgmt.settings import Settings
from gridmgmt.store import jobs as stored
from gridmgmt.worker.run import run_job
from tests.web.conftest import Login, csrf_of
from tests.worker.counting import KINDS, job_of


def ask(
    engine: Engine, by: str = "duty_chief", kind: str = "count", **arguments: object
) -> int:
    with engine.begin() as conn:
        return jobs.enqueue(conn, kind, arguments, title="<b>a title</b>", actor=by)


def test_one_sees_ones_own_jobs_and_an_administrator_everybodys(
    login: Login, engine: Engine
) -> None:
    chief, acceptor, administrator = map(login, ("duty_chief", "acceptor", "administrator"))
    job_id = ask(engine)
    assert f"/jobs/{job_id}" in chief.get("/jobs").text
    assert f"/jobs/{job_id}" not in acceptor.get("/jobs").text
    assert f"/jobs/{job_id}" in administrator.get("/jobs").text
    for path in (f"/jobs/{job_id}", f"/jobs/{job_id}.json"):
        assert chief.get(path).status_code == 200
        assert administrator.get(path).status_code == 200
        assert acceptor.get(path).status_code == 404
    page = acceptor.get("/jobs").text
    answer = acceptor.post(f"/jobs/{job_id}/cancel", data={"csrf_token": csrf_of(page)})
    assert answer.status_code == 404
    assert job_of(engine, job_id).status is JobStatus.QUEUED


def test_text_of_a_job_is_shown_as_text(login: Login, engine: Engine) -> None:
    chief = login("duty_chief")
    job_id = ask(engine)
    for path in ("/jobs", f"/jobs/{job_id}"):
        assert "&lt;b&gt;a title&lt;/b&gt;" in chief.get(path).text
        assert "<b>a title</b>" not in chief.get(path).text


def test_a_waiting_job_says_when_no_worker_will_come(login: Login, engine: Engine) -> None:
    page = login("duty_chief").get(f"/jobs/{ask(engine)}?lang=en").text
    assert "The service for long work is not running" in page
    assert "waiting" in page


def test_the_script_is_told_how_far_a_job_is(login: Login, engine: Engine) -> None:
    chief = login("duty_chief")
    job_id = ask(engine)
    with engine.begin() as conn:
        job = stored.begin_job(conn, job_id)
        assert job is not None
        stored.note_progress(conn, job, "routing", 2, 8)
    assert chief.get(f"/jobs/{job_id}.json?lang=en").json == {
        "finished": False,
        "status": "running",
        "tone": "info",
        "step": "finding who answers",
        "done": 2,
        "total": 8,
    }
    assert 'value="2" max="8"' in chief.get(f"/jobs/{job_id}").text


def test_a_job_is_stopped_by_its_button(login: Login, engine: Engine) -> None:
    chief = login("duty_chief")
    job_id = ask(engine)
    token = csrf_of(chief.get(f"/jobs/{job_id}?lang=en").text)
    assert chief.post(f"/jobs/{job_id}/cancel").status_code == 400
    for _ in range(2):
        answer = chief.post(f"/jobs/{job_id}/cancel", data={"csrf_token": token})
        assert answer.status_code == 303
    assert job_of(engine, job_id).status is JobStatus.CANCELLED
    page = chief.get(f"/jobs/{job_id}").text
    assert "had ended before" in page
    assert "Nothing was changed" in page


@pytest.mark.parametrize(("kind", "said"), [("count", "done"), ("refuse", "cannot be used")])
def test_how_a_job_ended_is_shown(
    login: Login, engine: Engine, settings: Settings, kind: str, said: str
) -> None:
    chief = login("duty_chief")
    job_id = ask(engine, kind=kind, to=2)
    run_job(engine, KINDS, job_id, settings)
    page = chief.get(f"/jobs/{job_id}?lang=en").text
    assert said in page
    assert "jobs.js" not in page


def test_jobs_are_listed_page_by_page(login: Login, engine: Engine) -> None:
    chief = login("duty_chief")
    numbers = [ask(engine) for _ in range(51)]
    page = chief.get("/jobs").text
    assert f"before={numbers[1]}" in page
    older = chief.get(f"/jobs?before={numbers[1]}").text
    assert f"/jobs/{numbers[0]}" in older
    assert 'rel="next"' not in older
    assert chief.get("/jobs?before=x").status_code == 400

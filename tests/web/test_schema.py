import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.store.upkeep import schema_check
from tests.web.conftest import Login


@pytest.fixture
def asked_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_check, "_ASK_AGAIN_S", 0.0)


@pytest.mark.usefixtures("asked_always")
@pytest.mark.parametrize(
    ("revision", "words"),
    [("9001", "请安装较新的程序"), ("0005", "请联系平台运维人员升级数据库结构")],
)
def test_a_page_says_that_the_database_belongs_to_another_program(
    login: Login, engine: Engine, revision: str, words: str
) -> None:
    client = login("commander")
    assert client.get("/cases").status_code == 200
    with engine.begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    answer = client.get("/cases")
    assert answer.status_code == 503
    assert revision in answer.text
    assert words in answer.text
    assert "数据库与程序版本不符" in answer.text
    told = client.get("/api/v1/areas/cell/A1", headers={"Authorization": "Bearer x"})
    assert told.status_code == 503
    assert revision in told.json["message"]  # type: ignore[index]


@pytest.mark.usefixtures("asked_always")
def test_health_says_that_the_schema_is_another(login: Login, engine: Engine) -> None:
    client = login("commander")
    with engine.begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '9001'"))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "schema" in answer.json["reason"]  # type: ignore[index]

"""Each test at the workbench has a draft of its own: the city is shared, and its drafts too."""

from collections.abc import Iterator

import pytest

from gridmgmt.services.drafts import drafts
from gridmgmt.store.engine import make_engine
from tests.browser.conftest import Site

LABEL = "workbench"


@pytest.fixture(autouse=True)
def own_draft(sample: Site) -> Iterator[None]:
    """The draft that `Bench` opens, without any change on the newest edition."""
    assert sample.city.settings.database_url is not None
    engine = make_engine(sample.city.settings.database_url)
    with engine.begin() as conn:
        drafts.create(conn, LABEL, actor="a test")
    yield
    with engine.begin() as conn:
        drafts.delete(conn, LABEL, actor="a test")
    engine.dispose()

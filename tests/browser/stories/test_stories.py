"""The first ten minutes of each role, played on a city that ends now, as the demo builds it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gridmgmt.settings import Settings
from tests.browser.cities import City, demo_city
from tests.browser.conftest import Open, Site
from tests.browser.stories.player import Player
from tests.browser.stories.story import Story
from tests.browser.stories.table import STORIES

pytestmark = pytest.mark.proof

# Somebody in the street, in the middle of a block of the city.
IN_THE_STREET = """
SELECT ST_X(p), ST_Y(p) FROM (
  SELECT ST_PointOnSurface(geom) AS p FROM areas WHERE level = 'cell' ORDER BY code LIMIT 1
) AS middle
"""


@pytest.fixture(scope="module")
def demo(serve: Callable[[Callable[[Settings], City]], Site]) -> Site:
    return serve(demo_city)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.role)
def test_a_role_does_what_it_wants_in_its_first_ten_minutes(
    demo: Site, open_page: Open, tmp_path: Path, story: Story
) -> None:
    page = open_page(demo, story.role, width=story.width)
    lon, lat = demo.city.ask(IN_THE_STREET)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 8})
    player = Player(page, demo, tmp_path)
    for want in story.wants:
        player.play(want)
        # What the documents say is what was played.
        assert player.clicks == want.clicks


def test_every_role_has_a_story(demo: Site) -> None:
    assert {one.role for one in STORIES} == set(demo.city.roles)

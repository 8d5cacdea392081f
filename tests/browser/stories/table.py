"""The stories of all roles, and the table of them that stands in the documents."""

from tests.browser.stories import case_work, city_work

STORIES = (*case_work.STORIES, *city_work.STORIES)

import pytest

from gridmgmt.domain.areas.known_areas import KnownArea, KnownAreas

KNOWN = KnownAreas(
    ["street", "community", "cell"],
    [
        KnownArea("street", "A", True),
        KnownArea("community", "A", True),
        KnownArea("cell", "A1", True),
        KnownArea("cell", "old", False),
        KnownArea("street", "gone", False),
        KnownArea("cell", "gone", False),
        KnownArea("street", "moved", False),
        KnownArea("cell", "moved", True),
    ],
)

FOUND = [
    # code, level      meant           warned?
    ("A1", None, "cell", False),
    ("A1", "cell", "cell", False),
    ("A", "street", "street", False),
    ("old", None, "cell", True),
    ("gone", "street", "street", True),
    ("moved", None, "cell", False),  # the newest edition decides
    ("moved", "street", "street", True),
]


@pytest.mark.parametrize(("code", "level", "meant", "warned"), FOUND)
def test_a_code_is_meant_on_the_level_it_exists_on(code, level, meant, warned):
    found, warning = KNOWN.level_of(code, level)
    assert found == meant
    assert (warning is not None) is warned


REFUSED = [
    ("A", None, "exists on several levels: street, community"),
    ("A1", "street", "there is no street 'A1'; the code exists as cell"),
    ("gone", None, "in older editions only, as street, cell"),
    ("Q", None, "no edition has an area 'Q'"),
    ("Q", "cell", "no edition has an area 'Q' on level cell"),
    ("A", "ward", "there is no level 'ward'; there are street, community, cell"),
]


def test_before_the_first_edition_the_reason_is_that():
    with pytest.raises(ValueError, match="no edition is published yet"):
        KnownAreas(["cell"], []).level_of("A1", None)


@pytest.mark.parametrize(("code", "level", "words"), REFUSED)
def test_a_code_that_is_no_single_area_is_refused(code, level, words):
    with pytest.raises(ValueError, match=words):
        KNOWN.level_of(code, level)

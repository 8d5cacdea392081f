from gridmgmt.domain.areas.area import Level
from gridmgmt.domain.areas.level_words import LevelWords
from gridmgmt.domain.headings import LANGUAGES


def test_what_is_written_is_read_as_the_same_level() -> None:
    levels = [
        Level("street", 0, "街道", "Street"),
        # Names that say nothing: of two levels, and the key of another.
        Level("cell", 1, "网格", "Grid"),
        Level("beat", 2, "网格", "cell"),
    ]
    words = LevelWords(levels)
    for level in levels:
        for language in LANGUAGES:
            assert words.read(words.said(level.name, language) or "") == level.name
    assert words.said("street", "zh") == "街道"
    assert words.said("cell", "zh") == "cell"
    assert words.read("STREET") == "street"
    # The key of one and the name of another: the key counts, in any letter case.
    assert words.read("CELL") == "cell"
    assert words.read("ward") == "ward"
    assert words.said(None, "zh") is None

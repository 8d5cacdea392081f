from flask import Flask

from gridmgmt.exchange.layers.text_encoding import ASKED_FOR
from web.pages.uploads import ENCODINGS, page_words


def test_pages_offer_every_encoding_that_an_error_asks_for() -> None:
    offered = dict(ENCODINGS)
    assert set(ASKED_FOR) <= set(offered)
    for value, label in offered.items():
        assert label.split(" / ")[0].lower() == value


def test_an_option_with_values_to_choose_from_is_named_once(app: Flask) -> None:
    with app.test_request_context("/login?lang=en"):
        told = page_words("say --crs EPSG:4490 or --crs gcj02 to settle it")
        assert told == "say “Coordinate system” EPSG:4490 or gcj02 to settle it"
        told = page_words('--date-format "A", --date-format "B, C", --date-format "D"')
        assert told == '“Format of the dates” "A", "B, C", "D"'
        told = page_words("say --crs gcj02, or --layer a")
        assert told == "say “Coordinate system” gcj02, or “Layer” a"

from flask import Flask

from web.words.option_words import with_options_named


def test_an_option_with_values_to_choose_from_is_named_once(app: Flask) -> None:
    with app.test_request_context("/login?lang=en"):
        told = with_options_named("say --crs EPSG:4490 or --crs gcj02 to settle it")
        assert told == "say “Coordinate system” EPSG:4490 or gcj02 to settle it"
        told = with_options_named('--date-format "A", --date-format "B, C", --date-format "D"')
        assert told == '“Format of the dates” "A", "B, C", "D"'
        told = with_options_named("say --crs gcj02, or --layer a")
        assert told == "say “Coordinate system” gcj02, or “Layer” a"

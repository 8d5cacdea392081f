from gridmgmt.exchange.layers.text_encoding import ASKED_FOR
from web.pages.uploads import ENCODINGS


def test_pages_offer_every_encoding_that_an_error_asks_for() -> None:
    offered = dict(ENCODINGS)
    assert set(ASKED_FOR) <= set(offered)
    for value, label in offered.items():
        assert label.split(" / ")[0].lower() == value

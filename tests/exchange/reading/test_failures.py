import json

from gridmgmt.errors import FieldError, LayerError
from gridmgmt.exchange.reading.failures import as_error, as_value
from gridmgmt.sentence import Sentence


def test_an_error_that_crossed_still_knows_what_its_sentences_were_made_of() -> None:
    problem = Sentence("row {}: {}", 3, Sentence("{} is empty", "code"))
    sent = LayerError("a.shp", Sentence("{} row(s) cannot be used", 1), problems=[problem])
    came = as_error(json.loads(json.dumps(as_value(sent))))
    assert isinstance(came, LayerError)
    assert str(came) == str(sent)
    (told,) = came.problems
    assert isinstance(told, Sentence)
    assert told.template == "row {}: {}"
    assert isinstance(told.facts[1], Sentence)


def test_an_error_with_lists_of_names_crosses_as_it_is() -> None:
    sent = FieldError("a.shp", "x", ["y", "z"], "w")
    came = as_error(json.loads(json.dumps(as_value(sent))))
    assert vars(came) == vars(sent)
    assert str(came) == str(sent)

"""Pages name no command: they say what to press there, or whom to ask."""

import ast
import re

from babel.messages import pofile

from gridmgmt.domain.judging.explanation_words import _SENTENCES
from tests.house.test_pages import CATALOGUE, TEMPLATES
from tests.house.test_sentences import FOR_PAGES, ROOT, mere_texts, said_by, template_of
from web.words.option_words import OPTIONS
from web.words.sentences import catalogue

COMMAND = re.compile(r"gridmgmt [a-z]|(?<![\w-])--[a-z]|`")
# What these modules say is for those who run the platform: pages have a reference to the log.
FOR_OPERATORS = re.compile(
    r"gridmgmt/(?:store/(?:engine|cluster|upkeep)|services/(?:archives|exports/files)"
    r"|settings|setting_values)\b|web/(?:api|server)/"
)
# Marks of kept files and cookies, which nobody reads.
MARKS = re.compile(r"gridmgmt (?:locator \d+|case columns \d+|known browser)")


def without_options(text: str) -> str:
    """Return a text without the options that pages call by the names of their fields."""
    for option in sorted(OPTIONS, key=len, reverse=True):
        text = re.sub(rf"{option}\b", "", text)
    return text


def test_no_page_names_a_command_in_its_own_words() -> None:
    with CATALOGUE.open("rb") as file:
        said = [
            text
            for one in pofile.read_po(file, locale="zh")
            if one.id
            for part in (one.id, one.string)
            for text in ([part] if isinstance(part, str) else part)
        ]
    assert len(said) > 1000
    said += [text for both in _SENTENCES.values() for text in both]
    assert [text for text in said if COMMAND.search(text)] == []
    written = {path.name: path.read_text("utf-8") for path in TEMPLATES}
    assert [name for name, text in written.items() if "gridmgmt " in text] == []


def test_a_sentence_that_names_a_command_says_something_else_on_pages() -> None:
    naming = {
        (str(path.relative_to(ROOT)), template)
        for path in FOR_PAGES
        for template in said_by(path)
        if COMMAND.search(without_options(template))
    }
    assert len(naming) > 10
    ours = catalogue("en")
    unsaid = {
        (name, template)
        for name, template in naming
        if not any(clause in ours for clause in clauses(template))
    }
    assert sorted(unsaid) == [], "add these to web/translations/en/LC_MESSAGES/sentences.po"


def clauses(template: str) -> list[str]:
    """Return a template and what follows each of its joints, as pages look them up."""
    parts = [template]
    for joint in ("\n", "; ", ": "):
        parts += [part for one in tuple(parts) for part in one.split(joint)]
    return parts


def test_what_pages_say_instead_names_no_command() -> None:
    told = {
        (of, english): text for of in ("zh", "en") for english, text in catalogue(of).items()
    }
    assert {key: text for key, text in told.items() if COMMAND.search(text)} == {}


def test_the_english_of_pages_is_only_of_sentences_that_are_said() -> None:
    said = {clause for path in FOR_PAGES for one in said_by(path) for clause in clauses(one)}
    assert sorted(set(catalogue("en")) - said) == []


def without_docstrings(tree: ast.AST) -> ast.AST:
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                node.value = ast.Constant(None)
    return tree


def test_no_mere_text_for_pages_names_a_command() -> None:
    found = {
        (str(path.relative_to(ROOT)), node.lineno, text)
        for path in FOR_PAGES
        if not FOR_OPERATORS.match(str(path.relative_to(ROOT)))
        for node in mere_texts(without_docstrings(ast.parse(path.read_text("utf-8"))))
        if not MARKS.fullmatch(text := template_of(node))
        and COMMAND.search(without_options(text).replace("`", ""))
    }
    assert sorted(found) == []

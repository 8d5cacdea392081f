import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from web.words.sentences import CATALOGUES, catalogue

ROOT = Path(__file__).parents[2]
# They take templates from elsewhere: from another process, or out of a sentence.
MAKERS = {
    "gridmgmt/sentence.py",
    "gridmgmt/exchange/reading/sentences.py",
    "web/words/sentences.py",
}
# What they say no page says, or it is stored as it stands.
NOT_FOR_PAGES = {
    "gridmgmt/domain/judging/explanation_words.py",
    "gridmgmt/setting_values.py",
    "gridmgmt/store/cases/forgetting.py",
}
FILES = sorted(
    path
    for folder in ("gridmgmt", "web")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts and str(path.relative_to(ROOT)) not in MAKERS
)


def templates(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from templates(one)
            yield from templates(other)
        case _:
            pytest.fail(f"line {node.lineno}: a template is to be written out where it is used")


def said_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="Sentence"), args=[template, *_]):
                yield from templates(template)


def unknown(clause: str) -> Iterator[str]:
    """Yield what has words in it and no translation, as pages take a clause apart."""
    if clause in catalogue("zh") or not re.search("[a-z]{2}", clause):
        return
    for joint in ("\n", "; ", ": "):
        first, found, rest = clause.partition(joint)
        if found:
            yield from unknown(first)
            yield from unknown(re.sub(r"^\s*(?:- )?", "", rest))
            return
    yield clause


def test_every_sentence_is_also_said_in_chinese() -> None:
    found = {part for path in FILES for text in said_by(path) for part in unknown(text)}
    assert sorted(found) == [], f"add these to {CATALOGUES['zh'].relative_to(ROOT)}"


def test_sentences_are_found() -> None:
    assert len({template for path in FILES for template in said_by(path)}) > 400


def template_of(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(
                getattr(part, "value", "") if isinstance(part, ast.Constant) else "{}"
                for part in parts
            )
    return ""


def mere_texts(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the texts that are made without ``Sentence`` or gettext."""
    match node:
        case ast.Call(func=ast.Name(id="Sentence" | "_" | "_l")):
            for argument in node.args[1:]:
                yield from mere_texts(argument)
        case ast.Constant() | ast.JoinedStr():
            yield node
        case _:
            for child in ast.iter_child_nodes(node):
                yield from mere_texts(child)


FOR_PAGES = [
    path
    for path in FILES
    if (name := str(path.relative_to(ROOT))) not in NOT_FOR_PAGES
    and not name.startswith("gridmgmt/cli/")
]


def test_what_is_translated_is_made_as_a_sentence() -> None:
    # One word may be a name of something else.
    found = {
        (str(path.relative_to(ROOT)), node.lineno, template)
        for path in FOR_PAGES
        for node in mere_texts(ast.parse(path.read_text("utf-8")))
        if " " in (template := template_of(node)) and template in catalogue("zh")
    }
    assert sorted(found) == []


@pytest.mark.parametrize("of", ["zh", "en"])
def test_what_pages_say_has_every_fact_by_its_number(of: str) -> None:
    faulty = {
        template: said
        for template, said in catalogue(of).items()
        if not set(re.findall(r"\{(.*?)\}", said))
        <= {str(n) for n in range(template.count("{}"))}
    }
    assert faulty == {}

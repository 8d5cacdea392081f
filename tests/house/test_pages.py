import re
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.extract import extract_from_dir

WEB = Path(__file__).parents[2] / "web"
CATALOGUE = WEB / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
OWN_FILES = [
    *TEMPLATES,
    *sorted((WEB / "static" / "js").rglob("*.js")),
    *sorted((WEB / "static" / "css").rglob("*.css")),
]
METHODS = [("**/node_modules/**", "ignore"), ("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}


def said_in_code() -> set[str]:
    """Every text the pages say, as it stands in the code."""
    options = {"**.html": {"trimmed": "true"}}
    found = extract_from_dir(WEB, METHODS, options, keywords=KEYWORDS)
    return {text[0] if isinstance(text, tuple) else text for _, _, text, _, _ in found}


def test_everything_the_pages_say_is_also_said_in_chinese() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = pofile.read_po(file, locale="zh")
    said = said_in_code()
    assert len(said) > 100
    missing = [text for text in said if text not in catalogue or not catalogue[text].string]
    assert sorted(missing) == []


def test_the_chinese_keeps_every_placeholder_and_is_never_a_guess() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = pofile.read_po(file, locale="zh")
    for message in catalogue:
        english, chinese = message.id, message.string
        if not english:
            continue
        assert not message.fuzzy, english
        first, said = (
            (english[-1], chinese[0]) if isinstance(english, tuple) else (english, chinese)
        )
        names = re.findall(r"%\(\w+\)s", first)
        assert sorted(names) == sorted(re.findall(r"%\(\w+\)s", said)), english


def test_the_catalogue_holds_nothing_that_is_no_longer_said() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = pofile.read_po(file, locale="zh")
    said = said_in_code()
    ids = [one.id[0] if isinstance(one.id, tuple) else one.id for one in catalogue if one.id]
    assert sorted(set(ids) - said) == []


@pytest.mark.parametrize("path", OWN_FILES, ids=lambda path: str(path.relative_to(WEB)))
def test_no_page_names_an_address_outside(path: Path) -> None:
    text = path.read_text("utf-8").replace("http://www.w3.org/", "")
    assert re.findall(r"(?:https?:)?//[\w.-]+\.\w+", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_templates_hold_nothing_that_the_content_policy_forbids(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.findall(r"\sstyle=|\son[a-z]+=\"|javascript:", text) == []
    for tag in re.findall(r"<(?:script|style)\b[^>]*>", text):
        assert "nonce=" in tag or 'type="application/json"' in tag, tag


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_every_form_that_changes_something_carries_its_token(path: Path) -> None:
    text = path.read_text("utf-8")
    for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL):
        if re.search(r"method=\"post\"", form.partition(">")[0], re.IGNORECASE):
            assert "csrf" in form, form.partition(">")[0]

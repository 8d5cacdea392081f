"""Press the buttons of a page as a browser would: only what its forms have can be sent."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TYPED = ("text", "date", "number", "search", "datetime-local")


@dataclass
class Form:
    """A form: what it sends as it stands, what can be typed or ticked, and its buttons."""

    action: str
    method: str
    sent: dict[str, str] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)
    ticks: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self._button: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input":
            self._input(self._form, given)
        elif tag == "textarea":
            self._form.typed.add(given["name"])
        elif tag == "select":
            self._select = given["name"]
            self._form.options[self._select] = []
        elif tag == "option" and self._select:
            self._option(self._form, given)
        elif tag == "button" and given.get("type", "submit") == "submit":
            self._button = {**given, "words": ""}
            self._form.buttons.append(self._button)

    def _input(self, form: Form, given: dict[str, str]) -> None:
        name, kind, value = given.get("name", ""), given.get("type", "text"), given.get("value")
        if not name:
            return
        if kind in ("checkbox", "radio"):
            if kind == "radio":
                form.options.setdefault(name, []).append("on" if value is None else value)
            else:
                form.ticks[name] = "on" if value is None else value
            if "checked" in given:
                form.sent[name] = "on" if value is None else value
        elif kind == "hidden" or kind in _TYPED:
            form.sent[name] = value or ""
            form.typed |= {name} if kind in _TYPED else set()
        elif kind == "file":
            form.typed.add(name)

    def _option(self, form: Form, given: dict[str, str]) -> None:
        value = given.get("value", "")
        if "selected" in given or not form.options[self._select]:
            form.sent[self._select] = value
        form.options[self._select].append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button["words"] += data


def forms_of(page: str) -> list[Form]:
    """Return the forms of a page."""
    reader = _Forms()
    reader.feed(page)
    return reader.forms


def press(client: FlaskClient, page: TestResponse, button: str, **done: Any) -> TestResponse:
    """Press a button after typing, choosing and ticking; return the page it leads to.

    ``done`` maps names of fields to what is typed or chosen, True or False for a tick. A field
    or a button that the page does not have fails.
    """
    found = [
        (form, one)
        for form in forms_of(page.text)
        for one in form.buttons
        if one["words"].strip() == button
    ]
    buttons = [one["words"].strip() for form in forms_of(page.text) for one in form.buttons]
    assert len(found) == 1, f"{len(found)} buttons {button!r} among {buttons}"
    form, pressed = found[0]
    sent: dict[str, Any] = dict(form.sent)
    for name, value in done.items():
        if isinstance(value, bool):
            assert name in form.ticks, f"no tick {name!r} in the form of {button!r}"
            sent.pop(name, None)
            sent |= {name: form.ticks[name]} if value else {}
        elif name in form.options:
            assert value in form.options[name], f"{value!r} is not offered as {name!r}"
            sent[name] = value
        else:
            assert name in form.typed, f"no field {name!r} in the form of {button!r}"
            sent[name] = value
    if pressed.get("name"):
        sent[pressed["name"]] = pressed.get("value", "")
    action = pressed.get("formaction") or form.action or page.request.path
    address = urljoin(page.request.path, action)
    if pressed.get("formmethod", form.method) == "get":
        bare = urlsplit(address)._replace(query=urlencode(sent)).geturl()
        return _followed(client, client.get(bare))
    return _followed(client, client.post(address, data=sent))


def _followed(client: FlaskClient, answer: TestResponse) -> TestResponse:
    while answer.status_code in (302, 303):
        answer = client.get(answer.location)
    return answer

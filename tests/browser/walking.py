"""Walking through the pages: where they lead, and which of them have been looked at."""

import re
from collections.abc import Iterator
from itertools import chain
from urllib.parse import urljoin, urlsplit

from flask import Flask
from playwright.sync_api import Error, Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.browser.watching import settle

# What is an answer for a program, or a file, and no page.
NO_PAGE = re.compile(r"^/(static|api|healthz|map/tiles)\b|\.(json|csv|pdf)$|/(file|export)$")


class Map:
    """The pages there are, as the application routes them."""

    def __init__(self, app: Flask, origin: str) -> None:
        self._routes = app.url_map.bind("127.0.0.1")
        self._origin = origin
        self.pages = {
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and not NO_PAGE.search(rule.rule)
        }

    def kind_of(self, url: str) -> str | None:
        """Name the view behind an address, None where there is none to look at."""
        try:
            kind: str = self._routes.match(urlsplit(url).path, method="GET")[0]
        except (HTTPException, RequestRedirect):
            return None
        return kind if kind in self.pages else None

    def is_inside(self, url: str) -> bool:
        return url.startswith(f"{self._origin}/")


def links(page: Page, within: str = "body") -> list[str]:
    """List where the links of a page lead, each once, without what only moves within it."""
    found: list[str] = page.eval_on_selector_all(
        f"{within} a[href]:not([download]):not([target=_blank])",
        "links => links.map(link => link.getAttribute('href'))",
    )
    whole = (urljoin(page.url, href).partition("#")[0] for href in found)
    return list(dict.fromkeys(whole))


def walk(page: Page, pages: Map) -> Iterator[str]:
    """Go to every page of the menu, and on to every kind of page that these lead to.

    Yields the kind of each page that is now open. A list leads to as many things as it has
    rows: one page of a kind is seen.
    """
    menu = [*links(page, "#menu"), *links(page, "header")]
    assert len(menu) > 1, "no menu"
    seen: set[str] = set()

    def visit(url: str) -> str | None:
        kind = pages.kind_of(url)
        if kind is None or kind in seen or not pages.is_inside(url):
            return None
        seen.add(kind)
        return kind if go(page, url) else None

    further: list[str] = []
    for url in chain(menu, _while_growing(further)):
        kind = visit(url)
        if kind is not None:
            further += links(page, "main")
            yield kind


def _while_growing(found: list[str]) -> Iterator[str]:
    at = 0
    while at < len(found):
        yield found[at]
        at += 1


def go(page: Page, url: str) -> bool:
    """Open a page and wait until it has asked for everything; a download is no page."""
    try:
        answer = page.goto(url)
    except Error as error:
        if "Download is starting" in str(error) or "ERR_ABORTED" in str(error):
            return False
        raise
    settle(page)
    kind = (answer.headers.get("content-type") or "") if answer is not None else ""
    return kind.startswith("text/html")

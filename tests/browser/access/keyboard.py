"""Whether everything on a page is reached by the Tab key, and seen when it is."""

from typing import cast

from playwright.sync_api import Page

# What a person may use now: not what is hidden, switched off, or folded away.
_BEGIN = """
() => {
  const usable = (one) =>
    one.tabIndex >= 0 && !one.disabled && one.checkVisibility({visibilityProperty: true})
    && !one.closest("[inert]")
    // Of radio buttons of one name the Tab key stops at one; arrows go on from there.
    && !(one.type === "radio" && one !== radioOf(one));
  const radioOf = (one) => {
    const group = [...document.querySelectorAll(`input[type=radio][name="${one.name}"]`)]
      .filter((other) => other.form === one.form && !other.disabled);
    return group.find((other) => other.checked) ?? group[0];
  };
  const wanted = [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")]
    .filter(usable);
  const shown = (one) => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
      || style.boxShadow !== "none";
  };
  const seen = {wanted, stops: [], unseen: new Set()};
  document.addEventListener("focusin", seen.listener = (event) => {
    const one = event.target;
    seen.stops.push(one);
    // A radio button or a box to tick may be drawn as its label.
    const label = one.labels?.[0];
    if (one.matches("body, main") || shown(one) || (label && shown(label))) return;
    seen.unseen.add(one);
  }, true);
  window.walkedByKeyboard = seen;
  document.activeElement?.blur();
  return wanted.length;
}
"""
_END = """
() => {
  const {wanted, stops, unseen, listener} = window.walkedByKeyboard;
  document.removeEventListener("focusin", listener, true);
  const reached = new Set(stops);
  const name = (one) => one.outerHTML.replace(/\\s+/g, " ").slice(0, 140);
  const last = stops.at(-1);
  return [
    ...wanted.filter((one) => !reached.has(one) && one.isConnected)
      .map((one) => `not reached by Tab: ${name(one)}`),
    ...[...unseen].map((one) => `focus is not seen: ${name(one)}`),
    ...(stops.length > 3 && stops.slice(-3).every((one) => one === last)
      ? [`Tab stays at: ${name(last)}`] : []),
  ];
}
"""
_ALL_REACHED = """
() => {
  const reached = new Set(window.walkedByKeyboard.stops);
  return window.walkedByKeyboard.wanted.every((one) => reached.has(one) || !one.isConnected);
}
"""
# A field for a day or a time is several stops; so no page says beforehand how many it has.
_AT_ONCE = 25
_MOST = 2_000


def keyboard_faults(page: Page) -> list[str]:
    """Go through a page by the Tab key; return what it does not reach, or not visibly.

    Radio buttons of one group count as one, as browsers have it.
    """
    most = min(_MOST, 2 * cast("int", page.evaluate(_BEGIN)) + 4 * _AT_ONCE)
    for _ in range(0, most, _AT_ONCE):
        for _ in range(_AT_ONCE):
            page.keyboard.press("Tab")
        if page.evaluate(_ALL_REACHED):
            break
    faults = cast("list[str]", page.evaluate(_END))
    return [f"{page.url}: {one}" for one in faults]

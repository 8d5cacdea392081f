"""The name of a browser in a few words that a person knows."""

import re

# The first match decides: most browsers also name those they are built on.
_BROWSERS = (
    ("WeCom", r"wxwork/([\d.]+)"),
    ("WeChat", r"MicroMessenger/([\d.]+)"),
    ("DingTalk", r"DingTalk/([\d.]+)"),
    ("QQ Browser", r"M?QQBrowser/([\d.]+)"),
    ("360 Browser", r"(?:QIHU 360|360SE|360EE)()"),
    ("UC Browser", r"UCBrowser/([\d.]+)"),
    ("Edge", r"Edg(?:e|A|iOS)?/([\d.]+)"),
    ("Opera", r"OPR/([\d.]+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/([\d.]+)"),
    ("Chrome", r"(?:Headless)?(?:Chrome|CriOS)/([\d.]+)"),
    ("Safari", r"Version/([\d.]+).*Safari/"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS|OpenHarmony"),
    ("Android", "Android"),
    ("iOS", "iPhone|iPad"),
    ("Windows", "Windows"),
    ("macOS", "Mac OS X"),
    ("Linux", "Linux|X11"),
)
_MOST = 40
# No browser needs a longer text; longer texts are not read to the end.
_READ = 400


def device_of(user_agent: str) -> str:
    """Return browser and system; if both are unknown, the first word, at most 40 characters.

    Examples
    --------
    >>> device_of("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like"
    ...           " Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.68")
    'Edge 126, Windows'
    >>> device_of("curl/7.88.1"), device_of("")
    ('curl/7.88.1', '')
    """
    user_agent = user_agent[:_READ]
    browser = _browser(user_agent)
    system = next((name for name, sign in _SYSTEMS if re.search(sign, user_agent)), "")
    if browser or system:
        return ", ".join(filter(None, (browser, system)))
    words = "".join(one if one.isprintable() else " " for one in user_agent).split()
    return words[0][:_MOST] if words else ""


def _browser(user_agent: str) -> str:
    for name, sign in _BROWSERS:
        found = re.search(sign, user_agent)
        if found:
            return f"{name} {found[1].partition('.')[0]}".strip()[:_MOST]
    return ""

"""Know the encodings that the charsets of MapInfo name."""

# Those that GDAL reads, by the encoding that Python knows. "Neutral" names none.
_READ = {
    "gb18030": "WindowsSimpChinese",
    "cp950": "WindowsTradChinese",
    "cp932": "WindowsJapanese",
    "cp949": "WindowsKorean",
    "cp1250": "WindowsLatin2",
    "cp1251": "WindowsCyrillic",
    "cp1252": "WindowsLatin1",
    "cp1253": "WindowsGreek",
    "cp1254": "WindowsTurkish",
    "cp1255": "WindowsHebrew",
    "cp1256": "WindowsArabic",
    "cp1257": "WindowsBalticRim",
    "utf-8": "UTF-8",
    **{
        f"cp{n}": f"CodePage{n}"
        for n in (437, 850, 852, 855, 857, 860, 861, 863, 864, 865, 869)
    },
}
# Those that only a MIF can be read in.
_MORE = {
    "cp1258": "WindowsVietnamese",
    "cp874": "WindowsThai",
    "mac-roman": "MacRoman",
    **{f"iso8859-{n}": f"ISO8859-{n}" for n in range(1, 10)},
}
_ENCODINGS = {name.lower(): encoding for encoding, name in (_MORE | _READ).items()}


def charset_encoding(charset: str) -> str | None:
    """Return the encoding a charset names; None for Neutral and unknown ones.

    Examples
    --------
    >>> charset_encoding("WindowsSimpChinese"), charset_encoding("Neutral")
    ('gb18030', None)
    """
    return _ENCODINGS.get(charset.lower())


def charset_of(encoding: str) -> str | None:
    """Return the charset by which GDAL reads text in an encoding from a TAB."""
    return _READ.get(encoding)

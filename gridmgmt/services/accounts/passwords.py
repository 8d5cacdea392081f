"""Passwords: generate, rate, hash and compare them."""

import secrets
from base64 import b64encode
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.low_level import ARGON2_VERSION
from zxcvbn_rs_py import Warning as Weakness
from zxcvbn_rs_py import zxcvbn

from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

# ASVS 5.0 requires 8 and recommends 15; the pages recommend 15 too.
MIN_PASSWORD, MAX_PASSWORD = 10, 1000
ADVISED_PASSWORD = 15
# zxcvbn's scale from 0 to 4: 3 is 100 million guesses, several centuries of what logins allow.
_LEAST_SCORE = 3
_MIN_PART = 3

# Words that anybody would try first at a bureau of this kind.
BUREAU_WORDS = (
    "gridmgmt", "admin", "administrator", "root", "password", "mima", "huawei", "inspur",
    "chengguan", "chengguanju", "chengshi", "guanli", "wangge", "wanggehua", "wanggeyuan",
    "zhihui", "zhongdui", "jiedao", "shequ", "jiezhang", "paiqian", "shouli", "zhifa",
    "yunguan", "yiwangtongguan", "pingtai", "xitong",
    "城管", "城市管理", "综合执法", "网格", "网格化", "网格员", "指挥中心", "监督中心",
    "街道", "社区", "街长", "值班长", "派遣员", "受理员", "管理员", "平台", "系统", "密码",
)  # fmt: skip

# Pairs, since the warnings of the library can be compared but not hashed.
_WHY = (
    (
        Weakness.StraightRowsOfKeysAreEasyToGuess,
        Sentence("it follows the keys of the keyboard"),
    ),
    (
        Weakness.ShortKeyboardPatternsAreEasyToGuess,
        Sentence("it follows the keys of the keyboard"),
    ),
    (Weakness.RepeatsLikeAaaAreEasyToGuess, Sentence("it repeats itself")),
    (Weakness.RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess, Sentence("it repeats itself")),
    (Weakness.ThisIsATop10Password, Sentence("it is a password that many people have")),
    (Weakness.ThisIsATop100Password, Sentence("it is a password that many people have")),
    (Weakness.ThisIsACommonPassword, Sentence("it is a password that many people have")),
    (
        Weakness.ThisIsSimilarToACommonlyUsedPassword,
        Sentence("it is like a password that many have"),
    ),
    (Weakness.SequencesLikeAbcAreEasyToGuess, Sentence("it follows the alphabet or counts")),
    (Weakness.RecentYearsAreEasyToGuess, Sentence("it is a date or a year")),
    (Weakness.DatesAreOftenEasyToGuess, Sentence("it is a date or a year")),
    (Weakness.AWordByItselfIsEasyToGuess, Sentence("it is a common word or name")),
    (
        Weakness.NamesAndSurnamesByThemselvesAreEasyToGuess,
        Sentence("it is a common word or name"),
    ),
    (Weakness.CommonNamesAndSurnamesAreEasyToGuess, Sentence("it is a common word or name")),
)
_TOO_FEW = Sentence("it has too few parts that are hard to guess")

# Argon2id with the library's parameters, which follow RFC 9106's second recommendation.
_HASHER = PasswordHasher()


def _hash_of_nobody(hasher: PasswordHasher) -> str:
    """Return a hash of no known password, which takes as long to check as a real one.

    It is random, not computed: hashing takes a fifth of a second, at each start of a program.
    """
    salt, digest = (
        b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()
        for size in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


# Checked when there is no such account, so that the answer takes equally long.
_NOBODY = _hash_of_nobody(_HASHER)


def new_password() -> str:
    """Return a new random password."""
    return secrets.token_urlsafe(12)


def check(password: str, about: Iterable[str] = ()) -> None:
    """Raise InputError if a password is too short, too long or easy to guess.

    All characters are allowed and none is required. ``about`` are words that somebody who knows
    the account would try: its username, the person's name, the role.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InputError(
            field="password",
            message=Sentence("give {} to {} characters", MIN_PASSWORD, MAX_PASSWORD),
        )
    known = [*_words(about), *BUREAU_WORDS]
    judged = zxcvbn(password, known)
    # The type hint of the library says int, but the value only converts to int.
    if int(judged.score) >= _LEAST_SCORE:
        return
    # The warnings of the library do not know the words of this bureau, so they are named first.
    if any(word.lower() in password.lower() for word in known):
        why = Sentence("it is made of a name or a word of this work that others know")
    else:
        weakness = judged.feedback.warning if judged.feedback else None
        why = next((words for kind, words in _WHY if kind == weakness), _TOO_FEW)
    raise InputError(
        field="password",
        message=Sentence(
            "this password is easy to guess: {}; take several words that have nothing to "
            "do with each other",
            why,
        ),
    )


def _words(about: Iterable[str]) -> list[str]:
    """Split what is known of an account into words that a password may contain."""
    words: dict[str, None] = {}
    for text in about:
        cut = "".join(one if one.isalnum() else " " for one in text)
        words |= dict.fromkeys([text, *cut.split()])
    # A name of two Chinese characters is a word; two Latin letters occur in any text.
    return [one for one in words if len(one) >= _MIN_PART or (one and not one.isascii())]


def hashed(password: str) -> str:
    """Return the salted, slow hash of a password for storing."""
    return _HASHER.hash(_encoded(password))


def belongs(password: str, stored: str | None) -> bool:
    """Return whether a hash belongs to a password; without a hash it takes equally long."""
    try:
        _HASHER.verify(stored or _NOBODY, _encoded(password))
    except VerificationError:
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Return whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def _encoded(password: str) -> bytes:
    # A terminal may pass invalid text; it is a password all the same.
    return password.encode("utf-8", "surrogatepass")

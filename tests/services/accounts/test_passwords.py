import time
from contextlib import suppress

import pytest
from argon2 import PasswordHasher, extract_parameters

from gridmgmt.errors import InputError
from gridmgmt.services.accounts import passwords

KNOWN = ("wangguanli", "王建国", "dispatcher", "派遣员", "Dispatcher", "S-0017")


def refused(password: str, about: tuple[str, ...] = KNOWN) -> str:
    with pytest.raises(InputError) as error:
        passwords.check(password, about)
    assert error.value.field == "password"
    return error.value.message


@pytest.mark.parametrize("password", ["", "a1B2c3D4!", "x" * 1001])
def test_a_password_is_neither_short_nor_endless(password: str) -> None:
    assert refused(password) == "give 10 to 1000 characters"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("1234567890", "many people have"),
        ("password123", "a name or a word of this work"),
        ("a1b2c3d4e5", "many people have"),
        ("qwertyuiop", "many people have"),
        ("woaini1314", "like a password that many have"),
        ("zxcvfdsaqwer", "keys of the keyboard"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "repeats itself"),
        ("abcdefghijklmn", "follows the alphabet"),
        ("1985-06-12", "a date or a year"),
        ("wangguanli1", "a name or a word of this work"),
        ("王建国王建国2026", "a name or a word of this work"),
        ("dispatcher2026", "a name or a word of this work"),
        ("S-0017-2026", "a name or a word of this work"),
        ("chengguan123", "a name or a word of this work"),
        ("Admin@123456", "a name or a word of this work"),
        ("网格员网格员网格员123", "a name or a word of this work"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_with_the_reason(
    password: str, why: str
) -> None:
    assert why in refused(password)


def test_a_word_that_is_known_of_one_account_is_only_that_accounts() -> None:
    refused("jianshelu17", ("jianshelu17",))
    passwords.check("jianshelu17", KNOWN)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "全是小写 没有数字 也没有符号",
        "jianshelu pasted from a manager " + "k7Qp" * 30,
        "nodigitsnosymbolscamel",
    ],
)
def test_any_characters_make_a_password_and_none_must(password: str) -> None:
    passwords.check(password, KNOWN)


@pytest.mark.parametrize("password", ["x" * 1000, "ab" * 500, "🙂" * 1000, "pass\x00word" * 9])
def test_the_longest_password_is_judged_at_once(password: str) -> None:
    # The judge looks at a bounded part; what it says is another matter.
    begun = time.monotonic()
    with suppress(InputError):
        passwords.check(password, KNOWN)
    assert time.monotonic() - begun < 1


def test_no_two_passwords_made_are_the_same_and_all_are_good() -> None:
    made = {passwords.new_password() for _ in range(50)}
    assert len(made) == 50
    for one in made:
        passwords.check(one, KNOWN)


def test_a_password_belongs_to_its_own_hash_only() -> None:
    stored = passwords.hashed("correct horse battery")
    assert stored.startswith("$argon2id$")
    assert passwords.belongs("correct horse battery", stored)
    assert not passwords.belongs("correct horse battery ", stored)
    assert not passwords.belongs("correct horse battery", None)
    assert not passwords.is_outdated(stored)


def test_no_account_takes_the_same_work_as_a_wrong_password() -> None:
    hasher = PasswordHasher(time_cost=2, memory_cost=64, parallelism=2, hash_len=24, salt_len=9)
    nobodys = passwords._hash_of_nobody(hasher)
    assert extract_parameters(nobodys) == extract_parameters(hasher.hash("any"))
    assert nobodys != passwords._hash_of_nobody(hasher)
    for hash_ in (passwords._NOBODY, None):
        assert not passwords.belongs("any", hash_)

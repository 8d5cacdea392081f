from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.accounts.permission_words import PERMISSIONS, WORKS, Work


def test_every_permission_has_words_and_permissions_of_one_work_stand_together() -> None:
    assert set(PERMISSIONS) == set(Permission)
    works = [words.work for words in PERMISSIONS.values()]
    assert list(dict.fromkeys(works)) == list(Work) == list(WORKS)
    assert works == sorted(works, key=list(Work).index)


def test_no_two_permissions_have_the_same_name() -> None:
    for language in ("zh", "en"):
        names = [words.name.said(language) for words in PERMISSIONS.values()]
        assert len({*names}) == len(names)

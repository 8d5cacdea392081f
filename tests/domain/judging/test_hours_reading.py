import pytest

from gridmgmt.domain.judging.hours_reading import read_hours
from gridmgmt.errors import InputError

MEANT = [
    ("Mo-Fr 08:00-18:00,Sa 09:00-12:00", "Mo-Fr 08:00-18:00, Sa 09:00-12:00"),
    ("08：00－12：00", "08:00-12:00"),
    ("8:00~18:00", "8:00-18:00"),
    ("08:00至18:00", "08:00-18:00"),
    ("Mo–Fr 08:00–18:00", "Mo-Fr 08:00-18:00"),
    ("周一至周五 08:00-18:00", "Mo-Fr 08:00-18:00"),
    ("星期六、星期日 09:00-12:00", "Sa,Su 09:00-12:00"),
    ("工作日8:00-18:00", "Mo-Fr 8:00-18:00"),
    ("08:00-12:00;", "08:00-12:00"),
    ("Mo 08:00-12:00；；Tu 14:00-18:00", "Mo 08:00-12:00; Tu 14:00-18:00"),
    ("08:00-18:00\u200b", "08:00-18:00"),
]


@pytest.mark.parametrize(("text", "meant"), MEANT)
def test_the_form_that_was_meant_is_named(text: str, meant: str) -> None:
    with pytest.raises(InputError) as caught:
        read_hours(text)
    assert str(caught.value).endswith(f"cannot be read; write {meant}")
    read_hours(meant)


def test_faults_of_the_form_that_was_meant_are_told_at_once() -> None:
    with pytest.raises(InputError, match=r"never counts.*08:00-12:00, 14:00-18:00"):
        read_hours("08:00-12:00；14:00-18:00")


@pytest.mark.parametrize("text", ["8 to 6", "夏季 08:00-18:00", "Mo 25:00-26:00", "PH off"])
def test_what_nobody_can_tell_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="write hours such as"):
        read_hours(text)

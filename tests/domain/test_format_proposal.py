import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.date_format import parse_format
from gridmgmt.domain.format_proposal import FormatProposal


def proposed(*texts: str | None) -> str | None:
    proposal = FormatProposal()
    # One by one, as chunks of a file come.
    for text in texts:
        proposal.add([text])
    return proposal.found()


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["03/04/2026", "13/04/2026"], "DD/MM/YYYY"),
        (["04/13/2026", "03/04/2026", None], "MM/DD/YYYY"),
        (["4/13/2026", "12/31/2026"], "M/DD/YYYY"),
        (["01/15/2015 12:40:41 PM"], "MM/DD/YYYY hh:mm:ss A"),
        (["1/15/2015 1:40 PM", "10/5/2015 11:40 AM"], "M/D/YYYY h:mm A"),
        (["13.04.2026 08:30"], "DD.MM.YYYY HH:mm"),
        (["13.04.2026 8:30", "13.04.2026 18:30"], "DD.MM.YYYY H:mm"),
        (["05-Jan-2015"], "DD-MMM-YYYY"),
        (["2015/1/5 下午 3:40"], "YYYY/M/D A h:mm"),
        # As browsers write it in Chinese, and as people do.
        (["2015/1/5 下午3:40:00", "2015/11/15 上午10:40:00"], "YYYY/M/D Ah:mm:ss"),
        (["2015年1月5日8时30分", "2015年11月15日18时05分"], "YYYY年M月D日H时m分"),
        (["2015年1月5日 8时30分5秒"], "YYYY年M月D日 H时m分s秒"),
        (["2015年01月05日 下午3:40"], "YYYY年MM月DD日 Ah:mm"),
        (["20150105084059"], "YYYYMMDDHHmmss"),
        (["31/12/98"], "DD/MM/YY"),
    ],
)
def test_the_only_format_that_fits_is_proposed(texts: list[str | None], expected: str) -> None:
    assert proposed(*texts) == expected
    for text in texts:
        if text is not None:
            parse_format(expected).read(text)


@pytest.mark.parametrize(
    "texts",
    [
        ["03/04/2026"],
        ["03/04/2026", "04/12/2026 "],
        ["13/04/2026", "04/13/2026"],  # nothing fits both
        ["13/04/2026", "2026-04-13"],
        ["13/04/2026", "unknown"],
        ["13/04/2026", "13/04/2026 08:30"],
        ["13/13/2026"],
        ["10/11/12"],
        ["25/11/12"],  # the year may come first or last
        ["2026-04-13 08:30"],  # read without a format
        ["2026/4/13", "20260413"],
        [None],
        [],
    ],
)
def test_nothing_is_proposed_where_none_or_several_fit(texts: list[str | None]) -> None:
    assert proposed(*texts) is None


@given(st.lists(st.dates(), min_size=1, max_size=4))
def test_a_proposal_reads_the_days_that_were_written(days: list) -> None:
    texts = [f"{day:%d/%m}/{day.year:04}" for day in days]
    found = proposed(*texts)
    is_clear = any(day.day > 12 for day in days)
    assert found == ("DD/MM/YYYY" if is_clear else None)

"""The signs and words of time limits: where one ends, its length, and what stands beside it."""

import re
from collections.abc import Iterator

from gridmgmt.domain.numerals import NUMERALS

# Full-width letters, digits and signs, and wide blanks, are typed for narrow ones. No other
# compatibility form (NFKC): ① and ² would become digits of the number beside them.
NARROW = {n: n - 0xFEE0 for n in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}

# Between limits. A number in a circle begins an item of a list.
BETWEEN = re.compile(
    r"[|/;,、。+&\n\r\u2022\u2460-\u2473\u2776-\u277f]|或者?|(?<=\w)\s+(?:and|or)\s+"
)
NOTHING = frozenset(("", "-", "--", "—", "——", "–", "无", "n/a", "#n/a", "none", "null"))
# A number in brackets before an item of a list, as ① is. Elsewhere it is a part of something.
ITEM = re.compile(rf"(?:^|(?<=[\s|/;,、。]))\([0-9{NUMERALS}]{{1,2}}\)(?=\s*[^\s|/;,、。])")
# 1、3天 and 1/2天: what stands between two numbers does not end a limit.
NUMBER_ALONE = re.compile(rf"\s*(?:[0-9.]+|[{NUMERALS}点]+)\s*")
# Words about time are a limit of their own, others belong to the limit before: 更换或修复.
ABOUT_TIME = re.compile(
    r"[0-9时日天月年季期夜刻即快速早晚]|及|计划|[按随视待]|\b(?:immediate|soon|at once|asap)",
    re.IGNORECASE,
)
EXCEPTING = re.compile(r"^[^季期]*(?:顺延|除外)$|^(?:不[含计]|[含遇])")

UNITS = {
    "分钟": "minute",
    "分": "minute",
    "小时": "hour",
    "钟头": "hour",
    "时": "hour",
    "天": "day",
    "日": "day",
    "周": "week",
    "星期": "week",
    "礼拜": "week",
    "月": "month",
    "年": "year",
}
CLOCKS = {"法定工作": True, "工作": True, "自然": False, "日历": False}
LENGTH = re.compile(
    rf"""(?P<number>
      (?<![0-9.]) [0-9]+ (?:\.[0-9]+)?
      | (?<![{NUMERALS}]) [{NUMERALS}]+ (?:点[{NUMERALS}]+)?
      | (?=半)
    )
    \s* (?P<counted>个?) \s* (?P<half>半?) \s* (?:个\s*)?
    (?P<urgent>紧急|应急)? \s* (?P<clock>{"|".join(CLOCKS)})? \s*
    (?P<unit>{"|".join(UNITS)}|(?:[hH](?:[rR][sS]?)?|[mM][iI][nN]s?)(?![A-Za-z]))
    (?P<half_after>半?) \s* (?:零?(?P<minutes>[0-9]+|[{NUMERALS}]+)\s*分钟?)?
    \s* (?:以内|之内|内)?""",
    re.VERBOSE,
)
ENGLISH_NUMERALS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
)
ENGLISH_NUMBERS = dict(zip(ENGLISH_NUMERALS, range(1, 11), strict=True)) | {"a": 1, "an": 1}
ENGLISH_CLOCKS = {
    "working": True,
    "business": True,
    "work": True,
    "calendar": False,
    "natural": False,
}
ENGLISH = re.compile(
    rf"""(?:(?:within|in|up\ to|at\ most|no\ more\ than|max\.?|maximum)\s+|[<≤]=?\s*)?
    (?P<number>[0-9]+(?:\.[0-9]+)?|half(?:\s+an?)?|{"|".join(ENGLISH_NUMBERS)})
    [\s-]*(?P<urgent>(?:urgent|emergency)\s+)?
    (?P<clock>{"|".join(ENGLISH_CLOCKS)})?[\s-]*
    (?P<unit>minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|wks?|months?|years?)\.?
    (?:\s+(?P<after>[a-z][a-z ]*))?""",
    re.VERBOSE | re.IGNORECASE,
)
ENGLISH_UNITS = {
    "mi": "minute",
    "mo": "month",
    "h": "hour",
    "d": "day",
    "w": "week",
    "y": "year",
}

# Words beside a limit that change nothing about it: it is the longest time, and it counts from
# the report.
LIMITING = (
    r"(?:处置时限|处理时限|时限|期限|限期|限时|限|不得?超过|不[多大高长]于|(?<!不)[小少低]于"
    r"|最[长多迟晚]|至多|控制|[应须需]|在|于|自|(?<![行作认])为|[<≤≦⩽]=?|[:=\s,、→]|/(?=\w\w)"
    r"|(?:[接收]到?(?:报|举报|报告|上报|报案|案件|任务|派遣|通知|指令|[派工]?单|诉求?|警)|上报|受理"
    r"|立案|派[遣单]|[交转]办|签收|登记|发现)之?[日时]?[后起])+"
)
AT_THE_ENDS = re.compile(rf"^{LIMITING}|{LIMITING}$")
# Words that make something else of the length beside them: a rhythm, a rank, a least or rough
# time, one of two ends, another beginning, a longer number (廿四小时), a time to be added.
OTHERWISE_BEFORE = re.compile(
    rf"""每|第|约|次(?!年)|至少|最[少短低早]|起码|[不得]少|不低|超|隔|逾|下一|提前|周期|频率|扣
    |[延缓定到过长]期|有效期|[保修质]{{2}}期|延长|顺延|(?:[后起个近多几数至到或再满负]|\W)$
    |(?<!统)[{NUMERALS}廿卅卌千仟万萬亿俩仨]$|[{NUMERALS}]点$""",
    re.VERBOSE,
)
LEAST = re.compile(r"(?<!不)[大高长多]于")
OTHERWISE_AFTER = re.compile(r"^(?:以[上下]|左右|上下|[前后起多余至]|每|\W)|次$")
OTHERWISE_ENGLISH = re.compile(
    r"\b(?:at least|min|minimum|more|longer|before|prior|ago|each|every|per|apart|or so)\b",
    re.IGNORECASE,
)
# 当日18时 is a time of the day.
TIME_OF_DAY = re.compile(
    rf"(?:[当今明][日天晚]|[上下中]午|凌晨|早[上晨]?|晚上?)\s*[0-9{NUMERALS}]+\s*[时点]"
)
MONTHS = re.compile(
    rf"[0-9{NUMERALS}]+月?份?\s*(?:至|到|[-~—–]+)\s*[次翌]?年?[0-9{NUMERALS}]+月份?"
)
SEASON = re.compile(
    r"(?P<season>.*(?:季节?|期间?|时节|[春夏秋冬][天日]?|月份?|[节假]日))(?P<act>.*)"
)
WORD = re.compile(r"[^\W\d_][^\W\d_ ]*")
BRACKETS = re.compile(r"[(\[【〔](?P<inside>[^()\[\]【】〔〕]*)[)\]】〕]")


def parts(text: str) -> Iterator[str]:
    """Yield the limits of a text as they were written."""
    narrow = text.translate(NARROW)
    begin = 0
    if narrow.strip().casefold() in NOTHING:
        return
    ends = sorted(found.span() for mark in (BETWEEN, ITEM) for found in mark.finditer(narrow))
    for number, (end, next_begin) in enumerate(ends):
        next_end = ends[number + 1][0] if number + 1 < len(ends) else len(text)
        if _are_one(narrow[begin:end], narrow[end:next_begin], narrow[next_begin:next_end]):
            continue
        if narrow[begin:end].strip().casefold() not in NOTHING:
            yield text[begin:end].strip()
        begin = next_begin
    if narrow[begin:].strip().casefold() not in NOTHING:
        yield text[begin:].strip()


def _are_one(part: str, mark: str, following: str) -> bool:
    """Return whether a mark stands inside one limit, not between two."""
    following = following.strip()
    if following == "" or mark in "|\n\r" or NUMBER_ALONE.fullmatch(following):
        return False
    if NUMBER_ALONE.fullmatch(part):
        return True
    if not LENGTH.search(part):
        return False
    return not ABOUT_TIME.search(following) or EXCEPTING.search(following) is not None

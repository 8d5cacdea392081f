"""Words that a bureau does not use, or that once had several meanings, stand nowhere."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
# The word, and what is written instead.
NOT_WRITTEN = {
    "撤销": "注销 (an area), 还原 (a change), 撤回 (an edition), 吊销 (a token)",
    "至另行通知": "现行有效",
    "易主": "归属调整",
    "地块去向": "面积流向",
    "由边界解释": "可归因于边界划分",
    "现在可以做什么": "可办操作",
    "推演": "模拟派遣 (under another edition), 重新判定 (again)",
    "人工处理": "待研判",
    "不够准确": "定位精度不足",
    "位置不准确": "定位精度不足",
    "交并比": "重合度",
    "带宽": "平滑半径",
    "末级区域": "末级网格",
    "责任主体重复": "主办重复",
    "两个责任主体": "主办重复",
    "主办者": "主办单位",
    "责任单位": "责任主体 (a responder), 主办单位 (who disposes of a case)",
    "未处置案件": "未办结案件",
    "代码集": "编码体系",
    "收缩后": "修正后",
    "顶点": "边界点 (of a border), 点 or 坐标点 (of any other shape)",
    "撤消": "as 撤销",
}
# Columns of the glossary before the one of words not to use.
USED = 3
TEXTS = sorted(
    path
    for folder, pattern in (
        ("gridmgmt", "*.py"),
        ("web/pages", "*.py"),
        ("web/words", "*.py"),
        ("web/views", "*.py"),
        ("web/templates", "*.html"),
        ("web/static", "*.js"),
        ("web/translations", "*.po"),
        ("docs", "*.zh-CN.md"),
        (".", "*.zh-CN.md"),
    )
    for path in (ROOT / folder).glob(pattern if folder == "." else f"**/{pattern}")
)


def words_in(text: str) -> list[str]:
    return [f"{word}: write {better}" for word, better in NOT_WRITTEN.items() if word in text]


def test_the_texts_are_found() -> None:
    names = {path.name for path in TEXTS}
    assert {"messages.po", "sentences.po", "README.zh-CN.md", "explanation_words.py"} <= names


def test_no_text_has_a_word_that_the_bureau_does_not_use() -> None:
    found = {
        str(path.relative_to(ROOT)): words
        for path in TEXTS
        if (words := words_in(path.read_text("utf-8")))
    }
    assert found == {}


def test_the_glossary_names_such_words_only_as_not_to_be_used() -> None:
    rows = [
        line.split("|")[1:-1]
        for line in (ROOT / "GLOSSARY.md").read_text("utf-8").splitlines()
        if line.startswith("|")
    ]
    assert len(rows) > 50
    assert [row for row in rows if words_in("|".join(row[:USED]))] == []

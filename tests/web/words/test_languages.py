from flask import Flask, render_template_string

TEMPLATE = "{% filter prose %}<b>{{ first }}</b>\n  {{ then }}{% endfilter %}"


def test_no_space_stands_between_chinese_sentences(app: Flask) -> None:
    with app.test_request_context("/login?lang=zh"):
        told = render_template_string(TEMPLATE, first="处理办法：", then="请写 A < B。 再导入")
    assert told == "<b>处理办法：</b>请写 A &lt; B。再导入"


def test_english_sentences_stay_apart(app: Flask) -> None:
    with app.test_request_context("/login?lang=en"):
        told = render_template_string(TEMPLATE, first="What to do:", then="write A < B.")
    assert told == "<b>What to do:</b>\n  write A &lt; B."

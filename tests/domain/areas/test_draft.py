from gridmgmt.domain.areas.draft import Action, DraftStatus


def test_the_words_stored_with_changes_and_drafts_do_not_change() -> None:
    assert [str(action) for action in Action] == ["add", "alter", "drop"]
    assert [str(status) for status in DraftStatus] == [
        "open",
        "submitted",
        "approved",
        "published",
    ]

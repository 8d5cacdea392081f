from gridmgmt.domain.listing import listed


def test_a_list_as_long_as_allowed_is_named_whole() -> None:
    assert listed(range(20)) == ", ".join(map(str, range(20)))
    assert listed(range(21)).endswith("19 and 1 more")
    assert listed(range(10_020)).endswith(" and 10,000 more")
    assert listed([]) == ""

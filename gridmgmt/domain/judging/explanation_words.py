"""The words of explanations: each sentence once in English and once in Chinese."""

from typing import Any

from gridmgmt.domain.headings import Language

__all__ = ["Language", "named", "percent", "said", "word"]

_SENTENCES: dict[str, tuple[str, str]] = {
    # What was given
    "reported": (
        "Case {case_no} of category {category} was reported at {at}.",
        "案件 {case_no}，类别 {category}，上报时间 {at}。",
    ),
    "position": (
        "Its position was given as {x}, {y} in {crs}: longitude {lon}, latitude {lat}.",
        "上报坐标为 {x}, {y}（{crs}），即经度 {lon}、纬度 {lat}。",
    ),
    "position_given": (
        "Its position was given as {x}, {y} in {crs}.",
        "上报坐标为 {x}, {y}（{crs}）。",
    ),
    "placed": (
        "A person, {by}, put it at longitude {lon}, latitude {lat} on {at}.",
        "{at} 由 {by} 人工定位到经度 {lon}、纬度 {lat}。",
    ),
    "mark_default_position": (
        (
            "That is a default coordinate, accepted as such by {by} on {at}: a geocoder gives "
            "it for addresses it does not find, so the case most likely happened elsewhere. It "
            "is marked; counts by area, density and duplicates leave it out."
        ),
        (
            "该坐标是默认坐标（{by} 于 {at} 确认）：地理编码查不到地址时统一给出此值，很可能"
            "不是案发位置。案件已作标记，不计入各区域数量和密度，也不参与疑似重复比对。"
        ),
    ),
    "due_provisional": (
        "By the time limit {limit} it is due on {at}, counted in plain hours: provisional.",
        "按处置时限“{limit}”以自然时间推算，处置截止 {at}，为暂定时限。",
    ),
    "due_otherwise": (
        "Its time limit is {limit}; its deadline, {at}, was stated.",
        "处置时限为“{limit}”，处置截止 {at} 为直接填报。",
    ),
    "limit_only": (
        "Its time limit is {limit}, which gives no deadline.",
        "处置时限为“{limit}”，据此未设处置截止。",
    ),
    # Where that is
    "covered": (
        "In edition {edition}, in force then, it lies in {area}, which covers it.",
        "按当时生效的第 {edition} 版网格，该点位于 {area} 之内。",
    ),
    "on_boundary": (
        (
            "In edition {edition}, in force then, it lies on a border; of the areas that cover "
            "it, {area} has the smallest code."
        ),
        "按当时生效的第 {edition} 版网格，该点落在边界上；覆盖它的区域中编码最小的是 {area}。",
    ),
    "snapped": (
        (
            "In edition {edition}, in force then, no area covers it; the nearest, {area}, is "
            "{m} m away and within the {snap_m:g} m allowed."
        ),
        (
            "按当时生效的第 {edition} 版网格，没有区域覆盖该点；最近的 {area} 相距 {m} 米，"
            "在允许的 {snap_m:g} 米之内。"
        ),
    ),
    "unlocated_no_position": (
        "It came without a position, so it was not located: a person decides.",
        "案件没有坐标，无法定位，待研判。",
    ),
    "unlocated_address_only": (
        "It came with an address but without a position: a person puts it on the map.",
        "案件只有地址没有坐标，需人工定位。",
    ),
    "unlocated_outside": (
        (
            "In edition {edition}, in force then, no area covers it and none lies within "
            "{snap_m:g} m: a person decides."
        ),
        "按当时生效的第 {edition} 版网格，{snap_m:g} 米内没有区域，待研判。",
    ),
    "unlocated_before_first_edition": (
        "It was reported before the first edition came into force, so it was not located.",
        "上报时尚无生效的网格版本，无法定位。",
    ),
    "chain": ("That is {areas}.", "所属：{areas}。"),
    "candidates": (
        "Areas within {m:g} m of it: {listed}.",
        "{m:g} 米以内的候选区域：{listed}。",
    ),
    "disc": (
        "Its position is known to within {m} m; it may lie in {listed}.",
        "定位精度为 {m} 米，可能位于：{listed}。",
    ),
    "disc_on_many": (
        "Its position is known to within {m} m; it may lie in {listed} and {others} more.",
        "定位精度为 {m} 米，可能位于：{listed}，另有 {others} 个。",
    ),
    "border": ("The nearest border is {m} m away.", "距最近的边界 {m} 米。"),
    "in_zone": ("It lies in zone {zone}.", "位于特殊区域 {zone} 之内。"),
    "near_road": (
        "Road segment {segment} is {m} m away, within its tolerance.",
        "距路段 {segment} {m} 米，在其容差之内。",
    ),
    "near_component": (
        "Component {component}, of the class it is about, is {m} m away.",
        "距同类部件 {component} {m} 米。",
    ),
    # Which duties were looked at
    "no_duty_here": ("No duty points at this place.", "没有责任书涉及此处。"),
    "duty_applies": (
        "Duty {duty}{letter} of {who} to {role} in {where} applies.",
        "责任 {duty}{letter}：{who} 在 {where} {role}，适用。",
    ),
    "duty_does_not": (
        "Duty {duty}{letter} of {who} to {role} in {where} does not apply: {why}.",
        "责任 {duty}{letter}：{who} 在 {where} {role}，不适用：{why}。",
    ),
    "duty": ("duty {duty}{letter}", "责任 {duty}{letter}"),
    "letter": (" (letter {letter})", "（责任书 {letter}）"),
    "why_outside_hours": ("outside its hours {hours}", "不在责任时段 {hours} 之内"),
    "why_expired": ("it had ended", "责任已到期"),
    "why_not_yet_valid": ("it had not begun", "责任尚未开始"),
    "why_other_category": ("it names other categories", "责任针对其他类别"),
    "why_nearer_road_segment": ("another road segment is nearer", "有更近的路段"),
    "why_zone_expired": ("the zone had ended", "该特殊区域已到期"),
    "why_zone_not_yet_valid": ("the zone had not begun", "该特殊区域尚未生效"),
    # Who was chosen
    "tied": (
        "It is tied to component {component}, the nearest that somebody answers for.",
        "关联到最近的有责任主体的部件 {component}。",
    ),
    "tied_to_nobody": (
        (
            "It is tied to component {component}, none of whose units is a responder: the"
            " duties of the place decide."
        ),
        "关联到部件 {component}，其权属、养护、主管单位均不是登记的责任主体，按此处责任派遣。",
    ),
    "not_tied": (
        (
            "Components whose distances differ by {m} m or less cannot be told apart, and those"
            " nearest to it have different owners."
        ),
        "距离相差 {m} 米以内的部件无法区分，而最近的几个部件权属不同。",
    ),
    "won_as_owner": (
        (
            "The most specific rule that applies is the one for {rule}: {who} disposes of it as"
            " the unit that answers for the component."
        ),
        "适用的最具体规则是{rule}：由部件的责任主体 {who} 主办。",
    ),
    "won": (
        (
            "The most specific rule that applies is the one for {rule}: {who} disposes of it, "
            "by {by}."
        ),
        "适用的最具体规则是{rule}：由 {who} 主办，依据{by}。",
    ),
    "fallback_territorial_fallback": (
        (
            "No duty names anybody to dispose of it: {who}, the street's own office, does "
            "(territorial fallback)."
        ),
        "没有责任书指定主办单位：属地兜底，由 {who} 主办。",
    ),
    "fallback_forced_adjudication": (
        "No duty and no street office is left: {who}, the district centre, adjudicates.",
        "没有责任书，也没有属地单位：强制派遣，由 {who} 裁定。",
    ),
    "unrouted_unlocated": (
        "Without an area nobody can be made responsible: it waits for a person.",
        "没有所属区域，无法确定责任主体，待研判。",
    ),
    "unrouted_no_owner": (
        "Nobody has a duty to dispose of it: it waits for a person.",
        "没有主办单位，待研判。",
    ),
    "unrouted_two_owners": (
        (
            "Under the rule for {rule} there are several disposers of equal precedence, "
            "{owners}: nobody is picked, it waits for a person."
        ),
        "按{rule}规则有同等优先的多个主办单位（{owners}），不作猜测，待研判。",
    ),
    "unrouted_bounced": (
        "The rules give it to nobody any more: it waits for a person.",
        "规则不再自动派遣，待研判。",
    ),
    "doubted": (
        (
            "At that position {who} would dispose of it, but that holds for {share} of where it"
            " may lie, and {confidence} is asked for. Who may answer: {listed}."
        ),
        (
            "按该位置应由 {who} 主办，但只在可能范围的 {share} 内成立，未达到要求的"
            " {confidence}。可能的主办单位：{listed}。"
        ),
    ),
    "unrouted_uncertain": (
        "The position is not known well enough to pick one: it waits for a person.",
        "定位精度不足，不作猜测，待研判。",
    ),
    "mark_vendor_zone": (
        "Street trading is allowed there that day: it is marked so.",
        "当日该处为固定摊点群，允许设摊，案件已作标记。",
    ),
    "overseers": ("Overseen by {chain}.", "督办：{chain}。"),
    "assistants": ("Assisted by {who}.", "协办：{who}。"),
    # What the rules said again, later
    "rerouted": (
        (
            "On {at} {by} had open cases follow edition {edition}, in force then, and it was "
            "judged again by the duties of that day."
        ),
        (
            "{at} 由 {by} 按当时生效的第 {edition} 版网格和当日责任对未办结案件重新派遣，"
            "本案重新判定如下。"
        ),
    ),
    # What people decided
    "bounced": ("{who} returned it on {at}; {by} did so.", "{at} 由 {by} 代 {who} 退单。"),
    "bounced_to": ("{who} was suggested instead.", "建议改派给 {who}。"),
    "assigned": (
        "A person, {by}, gave it to {who} on {at}.",
        "{at} 由 {by} 人工派遣给 {who}。",
    ),
    "assigned_instead": (
        "A person, {by}, gave it to {who} on {at}, instead of {instead}.",
        "{at} 由 {by} 人工改派给 {who}，原主办单位为 {instead}。",
    ),
    "reason_given": ("The reason given: {reason}", "理由：{reason}"),
    # What the same rules give now
    "on_edition": ("on edition {edition}", "按第 {edition} 版网格"),
    "replay_same": (
        "Replayed {on} and the duties as they stand: the same answer.",
        "{on}和现有责任重新判定：结果相同。",
    ),
    "replay_other": (
        "Replayed {on} and the duties as they stand: another answer.",
        "{on}和现有责任重新判定：结果不同。",
    ),
    "difference": ("{what}: then {then}, now {now}.", "{what}：当时 {then}，现在 {now}。"),
    "duty_gone": (
        "Duty {duty}, looked at then, is not among those of this place now.",
        "当时考虑过的责任 {duty} 现已不在此处。",
    ),
    "duty_new": ("Duty {duty} is new at this place.", "责任 {duty} 是此处新增的。"),
    "duty_different": ("Duty {duty} has changed.", "责任 {duty} 已有变化。"),
    "no_duty_change": (
        "The duties of this place are the same; what changed lies elsewhere.",
        "此处的责任没有变化；变化在别处。",
    ),
}

_WORDS: dict[str, tuple[str, str]] = {
    "comma": (", ", "、"),
    "no_edition": ("without an edition", "无网格版本"),
    "role_dispose": ("dispose", "主办"),
    "role_assist": ("assist", "协办"),
    "role_oversee": ("oversee", "督办"),
    "target_area": ("area", "区域"),
    "target_group": ("group", "责任网格或片区"),
    "target_road_segment": ("road segment", "路段"),
    "target_zone": ("zone", "特殊区域"),
    "rule_component": ("owners of components", "部件权属"),
    "rule_zone": ("special zones", "特殊区域"),
    "rule_road_segment": ("road segments", "路段"),
    "rule_area": ("areas of level", "区域层级"),
    "rule_group": ("groups", "责任网格或片区"),
    "rule_territorial_fallback": ("territorial fallback", "属地兜底"),
    "rule_forced_adjudication": ("forced adjudication", "强制派遣"),
    "rule_none": ("–", "–"),
    "what_area": ("area", "区域"),
    "what_on_boundary": ("on a boundary", "是否在边界上"),
    "what_snapped": ("snapped", "是否就近归属"),
    "what_distance_m": ("distance in metres", "距离（米）"),
    "what_candidates": ("candidates", "候选区域"),
    "what_component": ("component", "部件"),
    "what_shares": ("areas it may lie in", "可能所在的区域"),
    "what_marks": ("marks", "标记"),
    "what_responder": ("responder", "主办单位"),
    "what_reason": ("reason for nobody", "未派遣原因"),
    "what_rule": ("rule", "规则"),
    "what_overseers": ("overseers", "督办"),
    "what_assistants": ("assistants", "协办"),
}


def said(language: Language, key: str, **facts: Any) -> str:
    """Return a sentence with its facts.

    Examples
    --------
    >>> said("en", "border", m="3.2"), said("zh", "border", m="3.2")
    ('The nearest border is 3.2 m away.', '距最近的边界 3.2 米。')
    """
    return _SENTENCES[key][language == "zh"].format(**facts)


def word(language: Language, key: str) -> str:
    """Return a word.

    Examples
    --------
    >>> word("en", "role_dispose"), word("zh", "role_dispose")
    ('dispose', '主办')
    """
    return _WORDS[key][language == "zh"]


def named(code: str, name: str | None) -> str:
    """Return a name with its code, or the code alone.

    Examples
    --------
    >>> named("S1", "First squad"), named("S1", None)
    ('First squad (S1)', 'S1')
    """
    return code if name in (None, code) else f"{name} ({code})"


def percent(share: float) -> str:
    """Return a share as text; one that is not 0 never reads as 0%.

    Examples
    --------
    >>> percent(0.256), percent(0.001)
    ('26%', '<1%')
    """
    return f"{share:.0%}" if share >= 0.005 else "<1%"

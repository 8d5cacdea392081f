"""How QGIS asks for the attributes of areas: by name, from a list of what is allowed."""

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from gridmgmt.domain.areas.attributes import AreaAttribute, AttributeKind

# What QGIS takes for no value in a list.
_NULL = "{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}"

_DATE = """<editWidget type="DateTime"><config><Option type="Map">
<Option name="allow_null" type="bool" value="true"/>
<Option name="calendar_popup" type="bool" value="true"/>
<Option name="display_format" type="QString" value="yyyy-MM-dd"/>
<Option name="field_format" type="QString" value="yyyy-MM-dd"/>
</Option></config></editWidget>"""
_LIST = """<editWidget type="ValueMap"><config><Option type="Map">
<Option name="map" type="List">
{values}
</Option>
</Option></config></editWidget>"""
_VALUE = """<Option type="Map"><Option name={shown} type="QString" value={value}/></Option>"""
_TEXT = """<editWidget type="TextEdit"><config><Option/></config></editWidget>"""


def form_of(declared: Sequence[AreaAttribute]) -> str:
    """Return the part of a style (QML) about the columns of attributes; "" without any."""
    if not declared:
        return ""
    fields = "\n".join(
        f"<field name={quoteattr(one.name)}>{_widget(one)}</field>" for one in declared
    )
    aliases = "\n".join(
        f'<alias field={quoteattr(one.name)} index="" name={quoteattr(_alias(one))}/>'
        for one in declared
    )
    return f"""<fieldConfiguration>
{fields}
</fieldConfiguration>
<aliases>
{aliases}
</aliases>
"""


def _widget(attribute: AreaAttribute) -> str:
    if attribute.kind is AttributeKind.DAY:
        return _DATE
    if not attribute.allowed:
        return _TEXT
    listed = [("–", _NULL), *zip(attribute.allowed, attribute.allowed, strict=True)]
    values = "\n".join(
        _VALUE.format(shown=quoteattr(shown), value=quoteattr(value)) for shown, value in listed
    )
    return _LIST.format(values=values)


def _alias(attribute: AreaAttribute) -> str:
    return " ".join(dict.fromkeys((attribute.name_zh, attribute.name_en)))

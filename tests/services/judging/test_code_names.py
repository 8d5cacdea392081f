from sqlalchemy.engine import Connection

from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.services.judging.code_names import CodeNames
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.responders import put_responders


def test_the_name_of_a_person_stands_only_where_personal_data_may(conn: Connection) -> None:
    chief = Responder("P1", ResponderKind.STREET_CHIEF, "王五")
    put_responders(conn, [chief, Responder("S1", ResponderKind.SQUAD, "一中队")])
    names = CodeNames(conn, "zh")
    assert names.responder("P1") == "王五"
    assert names.responder("P1", persons=False) is None
    assert names.responder("S1", persons=False) == "一中队"
    assert names.responder(None) is None


def test_categories_are_named_in_the_order_of_their_codes(conn: Connection) -> None:
    put_categories(conn, [Category("02", "违停"), Category("01", "垃圾")])
    assert CodeNames(conn, "zh").categories(["02", "01", "03"]) == "垃圾、违停、03"
    assert CodeNames(conn, "en").categories(["02", "01"]) == "垃圾, 违停"
    assert CodeNames(conn, "zh").categories(None) == "全部类别"

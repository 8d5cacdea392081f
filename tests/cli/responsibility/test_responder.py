import json

from gridmgmt.cli import run
from gridmgmt.store.schema import audit_log
from tests.services.answering import stored, table


def test_responders_are_listed_without_phones_unless_asked_for(settings, tmp_path, capfd):
    path = str(table(tmp_path, "code,kind,name,phone\nS1,squad,一中队 [red],13900000000"))
    run(["responder", "import", path, "--commit"], settings)
    capfd.readouterr()
    assert run(["responder", "list"], settings) == 0
    listed = capfd.readouterr().out
    assert "一中队 [red]" in listed
    assert "139" not in listed
    run(["responder", "list", "--json"], settings)
    assert "phone" not in json.loads(capfd.readouterr().out)[0]
    run(["responder", "list", "--personal", "--json"], settings)
    assert json.loads(capfd.readouterr().out)[0]["phone"] == "13900000000"
    entries = stored(settings, lambda conn: conn.execute(audit_log.select()).all())
    assert [entry.action for entry in entries] == ["import_responder", "read_phones"]
    assert {entry.actor for entry in entries} == {"tester"}

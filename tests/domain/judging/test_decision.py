import pytest

from gridmgmt.domain.cases.case import UnroutedReason
from gridmgmt.domain.judging.decision import Decision


def test_a_decision_names_either_a_responder_or_a_reason():
    for responder, reason in (("S1", UnroutedReason.NO_DISPOSER), (None, None)):
        with pytest.raises(ValueError, match="either a responder or the reason"):
            Decision(responder, reason)

"""The report's words."""

from tests.check.reports import LONELY, ignoring, report
from tests.findings.given import HEALTHY
from webapp.check.report import port_name


def test_the_summary_tells_what_was_set_aside():
    """Ignored and accepted findings are counted apart."""
    assert ignoring().summary == "1 error, 0 warnings, 0 notes (1 ignored, 1 in the baseline)"


def test_survival_is_summed_up_if_it_was_asked_for():
    """How many survive what, and in which placement."""
    asked = report(*HEALTHY, survive="node", guaranteed=True)
    assert asked.survival_summary == "1 of 1 service ports survive the loss of any one node, in any placement."
    assert report(*HEALTHY).survival_summary == ""


def test_a_port_is_named_by_its_name_or_number():
    """Without a name the nodePort tells it."""
    (survival,) = report(*LONELY, survive="node").survivals
    assert port_name(survival) == "shop/web:31000"

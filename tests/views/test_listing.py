"""The kit of the pages of lists."""

from hypothesis import given
from hypothesis import strategies as st

from webapp.manifests.problems import Severity
from webapp.views.page.listing import SEVERITIES, namespace_choices, paged, place, severity_choices

NUMBERS = st.integers(1, 50)


@given(st.lists(st.integers(), max_size=60), NUMBERS)
def test_the_pages_together_are_the_list(items: list[int], size: int) -> None:
    """Nothing is lost or shown twice; each page leads to the next, the last to none."""
    found, url = [], "1"
    while url:
        page = paged(items, size, int(url), str)
        found += page.items
        assert page.previous_url == (str(page.number - 1) if page.number > 1 else "")
        assert len(page.items) <= size
        url = page.next_url
    assert found == items
    assert page.number == page.pages


@given(st.lists(st.integers(), max_size=60), NUMBERS, NUMBERS)
def test_a_page_past_the_end_is_the_last(items: list[int], size: int, number: int) -> None:
    """A link stays good when the list gets shorter."""
    page = paged(items, size, number, str)
    assert page.number == min(number, page.pages)
    assert bool(page.items) == bool(items)


def test_only_what_is_on_the_page_is_made() -> None:
    """A row of one page of ten thousand costs nothing on the others."""
    made: list[int] = []
    page = paged(range(10_000), 50, 3, str).each(lambda item: made.append(item) or str(item))
    assert made == list(range(100, 150))
    assert page.items == tuple(map(str, made))
    assert (page.number, page.pages) == (3, 200)


def test_every_severity_has_a_sign_and_a_choice() -> None:
    """The worst first, after all of them together; one that is not there has a count of zero."""
    assert list(SEVERITIES) == list(Severity)
    choices = list(severity_choices({Severity.WARNING: 2, Severity.INFO: 5}, "warning", lambda word: f"?{word}"))
    assert [(each.label, each.count, each.current) for each in choices] == [
        ("All", 7, False),
        ("Error", 0, False),
        ("Warning", 2, True),
        ("Note", 5, False),
    ]
    assert [each.value for each in choices] == ["?", "?error", "?warning", "?info"]


def test_namespaces_can_be_chosen_where_there_are_several() -> None:
    """In the order of people, 2 before 10."""
    assert namespace_choices(["a", "a"], "") == ()
    choices = namespace_choices(["team-10", "team-2", "team-10"], "team-2")
    assert [(each.value, each.current) for each in choices] == [("", False), ("team-2", True), ("team-10", False)]


def test_a_place_is_a_file_with_a_line_where_both_are_known() -> None:
    """What is of no file has none."""
    assert [place("web.yaml", 3), place("web.yaml", None), place(None, None)] == ["web.yaml:3", "web.yaml", ""]

"""Remembering answers about short texts."""

from webapp.cluster.validation.memo import SHORT, remembered


def test_only_short_texts_are_remembered() -> None:
    """A hostile upload of long names must not stay in memory."""
    asked: list[str] = []

    @remembered
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    short, long = "x" * SHORT, "x" * (SHORT + 1)
    assert [length(text) for text in (short, short, long, long)] == [SHORT, SHORT, SHORT + 1, SHORT + 1]
    assert asked == [short, long, long]

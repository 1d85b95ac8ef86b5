"""Where the files lie that are no Python."""

from webapp.paths import resource_directory


def test_a_checkout_serves_its_own_files():
    """In a checkout the directories beside the package are taken, not the copies an editable installation leaves."""
    top = resource_directory("samples").parent
    assert (top / "pyproject.toml").is_file()
    assert (top / "webapp" / "paths.py").is_file()

"""Settings come from the caller, else from the environment, else from the table."""

import os
from pathlib import Path

import pytest

from webapp.config import SETTINGS, data_directory, default_database_url, load


def test_every_setting_has_a_default_and_a_help() -> None:
    """So the table is the documentation."""
    assert load(environ={}) == {setting.name: setting.default for setting in SETTINGS}
    assert all(setting.help.endswith(".") for setting in SETTINGS)


def test_the_environment_sets_and_the_caller_wins() -> None:
    """NODEFALL_KEEP_DAYS is read as a number."""
    environ = {"NODEFALL_KEEP_DAYS": "7", "NODEFALL_PUBLIC_URL": "https://a.example"}
    loaded = load({"PUBLIC_URL": "https://b.example"}, environ)
    assert (loaded["KEEP_DAYS"], loaded["PUBLIC_URL"]) == (7, "https://b.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("KEEP_DAYS", "soon", id="no number"),
        pytest.param("KEEP_DAYS", "0", id="no time at all"),
        pytest.param("MAX_UPLOAD_BYTES", "-1", id="a negative size"),
        pytest.param("TRUSTED_PROXIES", "99", id="more proxies than there can be"),
    ],
)
def test_a_wrong_value_names_its_variable(name: str, value: str) -> None:
    """The app does not start with it."""
    with pytest.raises(ValueError, match=f"NODEFALL_{name}"):
        load(environ={f"NODEFALL_{name}": value})


@pytest.mark.parametrize(
    ("platform", "environ", "ending"),
    [
        pytest.param("linux", {}, ".local/share/nodefall", id="Linux"),
        pytest.param("linux", {"XDG_DATA_HOME": "/data"}, "/data/nodefall", id="Linux, with a place of its own"),
        pytest.param("darwin", {}, "Library/Application Support/nodefall", id="macOS"),
        pytest.param("win32", {"LOCALAPPDATA": "/local"}, "/local/nodefall", id="Windows"),
    ],
)
def test_data_lies_where_the_platform_keeps_it(platform: str, environ: dict[str, str], ending: str) -> None:
    """Under the user's home unless the environment says otherwise."""
    assert Path(data_directory(environ, platform)).as_posix().endswith(ending)


@pytest.mark.skipif(os.name != "posix", reason="homes elsewhere are found in other ways")
def test_without_a_home_a_database_must_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a container: one sentence, unless XDG_DATA_HOME says where data may lie."""
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    # A user that no list of users has.
    monkeypatch.setattr(Path, "home", lambda: Path("~nobody-of-that-name").expanduser())
    with pytest.raises(ValueError, match="NODEFALL_DATABASE_URL"):
        default_database_url()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_database_url() == f"sqlite:///{tmp_path}/nodefall/nodefall.sqlite3"

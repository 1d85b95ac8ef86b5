"""The set-up that the README's two commands do: it installs once, and again only when there is a reason."""

from pathlib import Path

import pytest

from scripts import environment


@pytest.fixture(name="installs")
def _installs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Give a set-up that only notes which groups it would install."""
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    done: list[list[str]] = []
    monkeypatch.setattr(environment, "TOP", tmp_path)
    monkeypatch.setattr(environment, "STAMP", tmp_path / "installed")
    monkeypatch.setattr(environment, "works", lambda: True)
    monkeypatch.setattr(environment, "install", done.append)
    return done


def test_a_second_run_installs_nothing(installs: list[list[str]]):
    """Once all is there no pip runs, so no network is needed."""
    environment.prepare("test")
    environment.prepare("test")
    environment.prepare()
    assert installs == [["test"]]


def test_another_group_is_added_to_what_is_there(installs: list[list[str]]):
    """Linting after testing keeps what the tests need, whichever comes next."""
    environment.prepare("test")
    environment.prepare("lint")
    environment.prepare("test")
    assert installs == [["test"], ["lint", "test"]]


def test_a_changed_project_is_installed_again(installs: list[list[str]], tmp_path: Path):
    """New dependencies in pyproject.toml reach an old environment."""
    environment.prepare("test")
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = []\n")
    environment.prepare("test")
    assert installs == [["test"], ["test"]]


def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch):
    """Python 3.10 gets one clear sentence."""
    monkeypatch.setattr(environment.sys, "version_info", (3, 10, 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or later"):
        environment.prepare()


def test_only_root_on_debian_uses_apt_get(monkeypatch: pytest.MonkeyPatch):
    """Anybody else is told what to install instead."""
    monkeypatch.setattr(environment.os, "geteuid", lambda: 1000, raising=False)
    assert not environment.apt_get("chromium")

"""The command ``lesson``: the list, one file, and what is wrong with one's own."""

from pathlib import Path

from click.testing import CliRunner, Result

from webapp.cli import cli


def run(*arguments: str) -> Result:
    """Run the command with these arguments."""
    return CliRunner().invoke(cli, ("lesson", *arguments))


def test_lessons_are_listed() -> None:
    """By the names that they are asked for by."""
    result = run()
    assert result.exit_code == 0
    assert result.stdout.splitlines()[3].split() == ["node-down", "A", "node", "goes", "down,", "3", "minutes"]


def test_a_lesson_is_written(tmp_path: Path) -> None:
    """To a file, else to standard output."""
    assert run("node-down", "-o", str(tmp_path / "a.html")).exit_code == 0
    assert (tmp_path / "a.html").read_bytes() == run("node-down").stdout_bytes


def test_what_can_not_be_used_is_said_in_one_line(tmp_path: Path) -> None:
    """Status 2, as for anything that can't be read."""
    (tmp_path / "1-a.yaml").write_text("title: A\nsteps: []\n")
    for arguments, said in (
        (("nothing",), "there is no lesson 'nothing'; there are three-ports, "),
        (("--lessons", str(tmp_path)), "1-a.yaml, line 1: Object missing required field `about`"),
        (("--lessons", str(tmp_path / "gone")), "No such file or directory"),
        (("node-down", "-o", str(tmp_path / "gone" / "a.html")), "No such file or directory"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2, arguments
        assert said in result.stderr
        assert len(result.stderr.splitlines()) == 1

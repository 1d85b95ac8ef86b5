"""The command that measures everything and writes docs/performance.md works; how long things take is not asserted."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

TOP = Path(__file__).parent.parent
ROWS = (
    "manifests: the whole reader",
    "manifests: in two processes",
    "libyaml's events alone",
    "building",
    "upload and first map",
    "click, p95",
    "a zone's pods recreated",
    "a node drained",
    "a zone drained",
    "services, first",
    "matrix, first",
    "findings, first",
    "replicas edited",
    "memory with three open",
    "render, 10 pairs",
    "check, one small file",
)


def test_a_quick_run_writes_the_page_and_its_curves(tmp_path: Path):
    """Each row has its figure, the machine is named but for its name, and the curves say what they show."""
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", str(tmp_path)]
    subprocess.run(command, check=True, cwd=TOP, capture_output=True)
    page = (tmp_path / "performance.md").read_text(encoding="utf-8")
    missing = [row for row in ROWS if not re.search(rf"^\| {re.escape(row)} \|.* \d[\d.,]* (s|MB) \|", page, re.M)]
    assert missing == []
    assert re.search(r"core.*Python 3\.\d+", page)
    drawing = ET.parse(tmp_path / "performance.svg").getroot()  # noqa: S314 - our own text
    assert drawing.findtext("{*}desc", "").startswith("For ten times as many nodes: reading ")
    assert len(drawing.findall(".//{*}path[@class='line']")) == 9

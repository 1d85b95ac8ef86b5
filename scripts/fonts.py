"""Cut the fonts that nodefall brings along from their published files, and write the table of their widths.

``python scripts/fonts.py INTER_UI JETBRAINS_MONO`` with the two unpacked npm packages that static/vendor/VERSIONS.md
names; it needs the group ``fonts`` of pyproject.toml, and brotli. A variable woff2 is for pages, fixed weights as ttf
are for PNG and PDF, whose renderers read neither woff2 nor axes.
"""

import io
import sys
from collections import defaultdict
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

TOP = Path(__file__).resolve().parent.parent
FONTS = TOP / "static" / "fonts"
ADVANCES = TOP / "webapp" / "diagram" / "advances.py"
# Names of Kubernetes are ASCII; the rest is what nodefall writes itself.
ORDINARY = (
    "U+0020-007E,U+00A0,U+00AB,U+00B0-00B7,U+00BB,U+00D7,U+2009,U+2010-2015,U+2018-201E,U+2022,U+2026,U+202F,U+2032,"
    "U+2033,U+2039,U+203A,U+2190-2195,U+2212,U+2248,U+2260,U+2264,U+2265,U+2713,U+2717"
)
# What people call a scenario. By unicode-range in its style sheet, a page fetches these only where it shows one.
ACCENTED = "U+00A1-00AA,U+00AC-00AF,U+00B8-00BA,U+00BC-00D6,U+00D8-017F"
PARTS = {"": ORDINARY, "-accented": ACCENTED}
WEIGHTS = {"Regular": 400, "SemiBold": 600}
HEAD = '''"""Advance widths of Inter and JetBrains Mono, as in static/fonts: advance -> the characters that have it.

In units of which 2048 make an em, read from the fonts' hmtx tables by scripts/fonts.py; pictures are set without
kerning. Boxes are sized by these, and where another font stands in, text is drawn as wide as it was measured.
"""

MONO = {mono:g}
"""The advance of every character of JetBrains Mono."""
'''


def main(inter_ui: str, jetbrains_mono: str) -> None:
    """Write the fonts and the table."""
    variable = Path(inter_ui) / "variable" / "InterVariable.woff2"
    # Text of pages and pictures is small: the larger optical sizes would double the file.
    for part, characters in PARTS.items():
        save(cut(instance(variable, wght=(400, 600)), ["kern", "tnum"], characters), f"Inter{part}", "woff2")
    # In pictures, as on the page, text is set without kerning: its width is the sum of what each letter takes.
    fixed = {name: cut(instance(variable, wght=weight), []) for name, weight in WEIGHTS.items()}
    monospaced = {}
    for name in WEIGHTS:
        save(fixed[name], f"Inter-{name}", "ttf", weight=name)
        source = Path(jetbrains_mono) / "fonts" / "webfonts" / f"JetBrainsMono-{name}.woff2"
        # No ligatures: -> in a name is two characters.
        monospaced[name] = cut(TTFont(source), [])
        save(monospaced[name], f"JetBrainsMono-{name}", "ttf")
        for part, characters in PARTS.items():
            save(cut(TTFont(source), [], characters), f"JetBrainsMono-{name}{part}", "woff2")
    mono = monospaced["Regular"]
    scale = 2048 / mono["head"].unitsPerEm
    table = HEAD.format(mono=mono["hmtx"]["a"][0] * scale) + "".join(
        f"\n{name.upper()} = {{\n{''.join(rows(fixed[weight]))}}}\n"
        for name, weight in (("regular", "Regular"), ("bold", "SemiBold"))
    )
    ADVANCES.write_text(table, encoding="utf-8")


def instance(path: Path, **axes: object) -> TTFont:
    """Return a variable font with these axes, at the optical size of small text."""
    made = instancer.instantiateVariableFont(TTFont(path), {"opsz": 14, **axes})
    # Written and read once: the subsetter stumbles over glyphs that the instance keeps no variations for.
    made.flavor, whole = None, io.BytesIO()
    made.save(whole)
    return TTFont(io.BytesIO(whole.getvalue()))


def cut(font: TTFont, features: list[str], characters: str = f"{ORDINARY},{ACCENTED}") -> TTFont:
    """Return the font with the characters and features that are kept."""
    options = subset.Options(layout_features=features, hinting=False, notdef_outline=True, name_IDs=["*"])
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(characters))
    cutter.subset(font)
    return font


def save(font: TTFont, name: str, flavour: str, weight: str = "") -> None:
    """Write a font; an instance of a variable one is called like the family, by the weight that it has."""
    if weight:
        names = font["name"]
        for record, text in ((1, "Inter"), (2, weight), (4, f"Inter {weight}"), (6, f"Inter-{weight}")):
            names.setName(text, record, 3, 1, 0x409)
        for record in (16, 17, 25):
            names.removeNames(nameID=record)
        font["OS/2"].usWeightClass = WEIGHTS[weight]
    # With the time of the build in it, the same command would give other bytes each time.
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.flavor = flavour if flavour == "woff2" else None
    font.save(FONTS / f"{name}-subset.{flavour}")


def rows(font: TTFont) -> list[str]:
    """Return the lines of the table: characters that are equally wide stand together."""
    scale = 2048 / font["head"].unitsPerEm
    wide = defaultdict(list)
    for code, glyph in sorted(font.getBestCmap().items()):
        wide[round(font["hmtx"][glyph][0] * scale)].append(chr(code))
    return [f"    {advance}: {quoted(''.join(its))},\n" for advance, its in sorted(wide.items())]


def quoted(characters: str) -> str:
    """Return a Python string; what cannot be seen in an editor is written by its code."""
    hidden = "\u00a0\u00ad\u2009\u2010\u2011\u2012\u2013\u2014\u2015\u202f"
    if '"' in characters and "'" not in characters:
        mark = "'"
    else:
        mark, characters = '"', characters.replace("\\", "\\\\").replace('"', '\\"')
    shown = "".join(f"\\u{ord(it):04x}" if it in hidden else it for it in characters)
    return f"{mark}{shown}{mark}"


if __name__ == "__main__":
    main(*sys.argv[1:])

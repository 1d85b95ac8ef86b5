"""QR codes: the link of a state, for a projector or a phone."""

from io import BytesIO

import segno
from markupsafe import Markup


def qr_svg(link: str) -> Markup | None:
    """Return the code as SVG, a quiet zone around it; None for a link longer than any code."""
    try:
        code = segno.make_qr(link, error="l")
    except segno.DataOverflowError:
        return None
    # Dark on light in both themes: many readers don't know the inverse.
    # With its namespace: a file without shows nothing in a slide or an img.
    svg = BytesIO()
    code.save(svg, "svg", xmldecl=False, nl=False, scale=4, border=4, dark="#15202B", light="#FFFFFF", omitsize=True)
    return Markup(svg.getvalue().decode())  # noqa: S704 - numbers and names of colours only

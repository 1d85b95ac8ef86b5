"""Every icon of the pages and of the drawings, once: strokes in a box of 16 by 16, one shape for each state."""

from collections.abc import Mapping
from types import MappingProxyType

_RING = '<circle cx="8" cy="8" r="6.25"/>'
ICONS: Mapping[str, str] = MappingProxyType(
    {
        "ok": f'{_RING}<path d="M5.2 8.2 7.2 10.2 10.9 6"/>',
        "some": _RING,
        "clock": f'{_RING}<path d="M8 4.6V8l2.4 1.5"/>',
        "lost": f'{_RING}<path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"/>',
        # A bar this thick differs from a cross even at 12 px.
        "refused": f'{_RING}<path d="M5 8h6" stroke-width="2.6"/>',
        "error": '<path d="M5.4 1.9h5.2l3.5 3.5v5.2l-3.5 3.5H5.4l-3.5-3.5V5.4z"/>'
        '<path d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4"/>',
        "warning": '<path d="M8 2.2 14.4 13.4H1.6z"/><path d="M8 6.6v3M8 11.4v.1"/>',
        "info": f'{_RING}<path d="M8 7.4v3.6M8 4.9v.1"/>',
        "quiet": _RING,
        "assumed": '<circle cx="8" cy="8" r="6.25" stroke-dasharray="2.4 1.6"/>'
        '<path d="M6.3 6.6a1.8 1.8 0 1 1 2.5 1.6c-.5.3-.8.6-.8 1.1M8 11.1v.1"/>',
        "pending": '<circle cx="8" cy="8" r="6.25" stroke-dasharray="1 2.9"/>'
        '<path d="M5.2 8h.01M8 8h.01M10.8 8h.01" stroke-width="2"/>',
        "terminating": '<path d="M4 2h8M4 14h8M4.8 2c0 3.4 6.4 4.4 6.4 6s-6.4 2.6-6.4 6"/>'
        '<path d="M11.2 2c0 3.4-6.4 4.4-6.4 6s6.4 2.6 6.4 6"/>',
        "paused": f'{_RING}<path d="M6.2 5.6v4.8M9.8 5.6v4.8"/>',
        "recreated": '<path d="M13.2 8a5.2 5.2 0 1 1-1.6-3.7"/><path d="M13.4 2.2v2.9h-2.9"/>',
        "partitioned": '<path d="M1.6 8h3.2M11.2 8h3.2M7.6 2.8 5.4 13.2M10.6 2.8 8.4 13.2"/>',
        "cordoned": '<path d="M1.8 5.2h12.4v4.2H1.8zM4.4 9.4v4M11.6 9.4v4M4 9.4l3-4.2M8.4 9.4l3-4.2"/>',
        "draining": '<path d="M3 3h10v4H3zM5.5 7v2.2M8 7v6M10.5 7v2.2M6 11.2 8 13.4l2-2.2"/>',
        "not-ready": '<path d="M1.6 8.4h3l1.6-4 2.4 7.6 1.7-3.6"/>'
        '<path d="M12 8.4h.01M14.2 8.4h.01" stroke-width="2"/>',
        "down": '<path d="M8 1.75v6"/><path d="M4.4 4.1a5.5 5.5 0 1 0 7.2 0"/>',
        "back": '<path d="M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6"/><path d="M5.5 4 3 6.5 5.5 9"/>',
        "close": '<path d="M4 4l8 8M12 4l-8 8"/>',
        "table": '<rect x="2" y="3" width="12" height="10" rx="1.5"/><path d="M2 6.5h12M6.5 6.5V13"/>',
        "map": '<path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10"/>',
        "screen": '<path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10"/>',
        "fit": '<rect x="1.8" y="3.2" width="12.4" height="9.6" rx="1.6"/>'
        '<rect x="5" y="6" width="6" height="4" rx=".8"/>',
        "minus": '<path d="M3 8h10"/>',
        "plus": '<path d="M8 3v10M3 8h10"/>',
        "download": '<path d="M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13.5h11"/>',
        "upload": '<path d="M8 10.5V3M4.8 6 8 2.8 11.2 6M2.5 13.5h11"/>',
        "link": '<path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-1 1"/>'
        '<path d="M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.2 9.1a2.6 2.6 0 0 0 3.7 3.7l1-1"/>',
        "moon": '<path d="M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6z"/>',
        "file": '<path d="M4 1.8h5l3.2 3.2v9.2H4z"/><path d="M9 1.8V5h3.2"/>',
        "lock": '<rect x="3" y="7" width="10" height="7" rx="1.5"/><path d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2"/>',
        "arrow": '<path d="M2.5 8h10M9 4.5 12.5 8 9 11.5"/>',
        "chevron": '<path d="M4 6l4 4 4-4"/>',
        "search": '<circle cx="7" cy="7" r="4.6"/><path d="M10.4 10.4 14 14"/>',
        "person": '<circle cx="8" cy="5.4" r="2.8"/><path d="M2.8 14a5.2 5.2 0 0 1 10.4 0"/>',
        "play": '<path d="M5 3.2 12.6 8 5 12.8z"/>',
        "pause": '<path d="M5.6 3.4v9.2M10.4 3.4v9.2"/>',
        "unfold": '<path d="M5 6l3-3 3 3M5 10l3 3 3-3"/>',
    }
)
"""Name -> what is stroked."""
FILLED: Mapping[str, str] = MappingProxyType(
    {"some": "M8 1.75a6.25 6.25 0 0 1 0 12.5z", "play": "M5 3.2 12.6 8 5 12.8z"}
)
"""Name -> the outline of what is filled besides."""

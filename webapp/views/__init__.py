"""HTTP: decode what the address asks, call the core once, hand a context to a template.

A view decides nothing about traffic, and a template nothing at all.
"""

from webapp.views.app import create_app

__all__ = ["create_app"]

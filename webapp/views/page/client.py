"""Who asks, as far as it limits how much is stored."""

from flask import request

from webapp.storage import client_key

# The name in the environment of a worker, which is told no addresses.
CLIENT = "nodefall.client"


def client() -> str:
    """Return the key of the client that asks."""
    return request.environ.get(CLIENT) or client_key(request.remote_addr or "unknown")

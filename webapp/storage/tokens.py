"""Tokens that let a browser change what it stored: the database keeps what they can be known by, not them."""

import hashlib
import hmac


def digest(token: str) -> str:
    """Return what is stored of a token."""
    # Who reads the database can change nothing with it. A random token needs neither salt nor a slow hash.
    return hashlib.sha256(token.encode()).hexdigest()


def is_token_of(token: str, known: str) -> bool:
    """Return whether the token is the one whose digest is known."""
    # Takes as long for a token that is wrong in its first letter as for one wrong in its last.
    return hmac.compare_digest(known, digest(token))

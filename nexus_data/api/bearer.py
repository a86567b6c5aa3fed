"""Who is asking: the bearer of the token in the Authorization header."""

from collections.abc import Container
from datetime import UTC, datetime

from litestar.types import Scope

from nexus_data.errors import TokenError
from nexus_data.tokens import Bearer, SigningKeys

_REMEMBERED = 30_000
NO_TOKEN = "this needs a token: send the header 'Authorization: Bearer TOKEN'"  # noqa: S105 (says what to send)


class Verifier:
    """Verifies tokens and remembers the accepted ones until they expire: verifying costs more than the rest.

    ended: the sessions whose tokens are accepted no more.
    """

    def __init__(self, keys: SigningKeys, ended: Container[str] = ()) -> None:
        self._keys = keys
        self._ended = ended
        self._accepted: dict[str, Bearer] = {}

    def verify(self, token: str) -> Bearer:
        """Whom the token speaks for; TokenError when it is not accepted."""
        known = self._accepted.get(token)
        if known and known.expires_at > datetime.now(UTC):
            if known.session_id in self._ended:
                raise TokenError("the session of this token has ended; sign in again")
            return known
        self._accepted.pop(token, None)
        bearer = self._keys.verify(token)
        if len(self._accepted) >= _REMEMBERED:
            self._accepted.pop(next(iter(self._accepted)))
        self._accepted[token] = bearer
        return self.verify(token)


def token_of(scope: Scope) -> str | None:
    """The token that a request carries; None where it carries none."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            return token.strip() or None if scheme.lower() == "bearer" else None
    return None

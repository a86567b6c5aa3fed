"""Who is asking: the bearer of the token in the Authorization header."""

from datetime import UTC, datetime

from litestar import Request
from litestar.datastructures import State

from nexus_data.errors import TokenError
from nexus_data.tokens import Bearer, verify

_REMEMBERED = 10_000


class Verifier:
    """Verifies tokens and remembers the accepted ones until they expire: verifying costs more than the rest."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._accepted: dict[str, Bearer] = {}

    def verify(self, token: str) -> Bearer:
        """Whom the token speaks for; TokenError when it is not accepted."""
        known = self._accepted.get(token)
        if known and known.expires_at > datetime.now(UTC):
            return known
        self._accepted.pop(token, None)
        bearer = verify(token, key=self._key)
        if len(self._accepted) >= _REMEMBERED:
            self._accepted.pop(next(iter(self._accepted)))
        self._accepted[token] = bearer
        return bearer


def bearer(request: Request[object, object, State]) -> Bearer:
    """Whom the request's token speaks for; TokenError when there is none, or it is not accepted."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenError("this needs a token: send the header 'Authorization: Bearer TOKEN'")
    verifier: Verifier = request.app.state.verifier
    return verifier.verify(token.strip())

"""Bearer tokens: short signed statements of who is asking. What the bearer may see is not decided here.

The signing key is made at first use in `<home>/secret.key` (mode 0600); every process of one home shares it.
"""

import os
import secrets
import stat
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt

from nexus_data.errors import SettingError, TokenError
from nexus_data.settings import Settings

_ALGORITHM = "HS256"
_ISSUER = "nexus-data"
_AUDIENCE = "nexus-api"
_KEY_BYTES = 32
_REQUIRED = ["sub", "iss", "aud", "iat", "exp"]


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom an accepted token speaks for, and the instant (UTC) from which it is no longer accepted.

    role: the granted role at the time of issue; None: none. session_id: the sign-in that it came from; None: it was
    issued by a command and ends by itself.
    """

    user_id: str
    expires_at: datetime
    role: str | None = None
    session_id: str | None = None


def issue(settings: Settings, user_id: str, *, lifetime: timedelta, role: str | None = None) -> str:
    """A token that speaks for `user_id`, in that role, from now on for `lifetime`."""
    return sign(user_id, key=signing_key(settings), lifetime=lifetime, role=role)


def sign(
    user_id: str, *, key: bytes, lifetime: timedelta, role: str | None = None, session_id: str | None = None
) -> str:
    """The same by a key at hand, of a session."""
    now = datetime.now(UTC)
    claims = {"sub": user_id, "iss": _ISSUER, "aud": _AUDIENCE, "iat": now, "exp": now + lifetime}
    further = {name: value for name, value in (("role", role), ("sid", session_id)) if value is not None}
    return jwt.encode({**claims, **further}, key, algorithm=_ALGORITHM)


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """current signs and is accepted; previous is accepted still, until tokens of it have run out."""

    current: bytes
    previous: bytes | None = None

    def verify(self, token: str) -> Bearer:
        """As `verify`, by either key."""
        try:
            return verify(token, key=self.current)
        except TokenError:
            if self.previous is None:
                raise
            return verify(token, key=self.previous)


def signing_keys(settings: Settings) -> SigningKeys:
    """The keys of this installation. SettingError as `signing_key`."""
    previous = settings.previous_signing_key
    return SigningKeys(signing_key(settings), _read(previous) if previous else None)


def verify(token: str, *, key: bytes) -> Bearer:
    """Whom the token speaks for; TokenError when it is not ours, was changed, or has expired."""
    try:
        claims = jwt.decode(
            token, key, algorithms=[_ALGORITHM], issuer=_ISSUER, audience=_AUDIENCE, options={"require": _REQUIRED}
        )
    except jwt.ExpiredSignatureError:
        raise TokenError("the token has expired; get a new one") from None
    except jwt.PyJWTError:
        raise TokenError("the token was not issued by this installation, or was changed") from None
    return Bearer(
        user_id=claims["sub"],
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        role=claims.get("role"),
        session_id=claims.get("sid"),
    )


def signing_key(settings: Settings) -> bytes:
    """The key that NEXUS_SIGNING_KEY names, else that of this home, made if there is none.

    SettingError when others can read it, or it is not a key.
    """
    if settings.signing_key is not None:
        return _read(settings.signing_key)
    path = settings.home / "secret.key"
    try:
        if not path.exists():
            _make(path)
    except OSError as error:
        raise _unusable(path, error) from error
    return _read(path)


def _read(path: Path) -> bytes:
    try:
        _refuse_readable_by_others(path)
        key = path.read_bytes()
    except OSError as error:
        raise _unusable(path, error) from error
    if len(key) < _KEY_BYTES:
        raise SettingError(
            f"the key file {path} holds {len(key)} bytes, fewer than {_KEY_BYTES}: put a new key there "
            f"(openssl rand -out {path} {_KEY_BYTES}), or delete one that this program made"
        )
    return key


def _unusable(path: Path, error: OSError) -> SettingError:
    return SettingError(f"the key file {path} cannot be used: {error.strerror or error}")


def _make(path: Path) -> None:
    """Linked into place whole, because another process must not read a key that is half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".secret-{os.getpid()}-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        _link(draft, path)
    finally:
        draft.unlink()


def _link(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first: its key counts


def _refuse_readable_by_others(path: Path) -> None:
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingError(f"the key file {path} can be read by others: chmod 600 {path}, or delete it for a new key")

"""Passwords and what is kept of them: argon2id, with OWASP's first choice of parameters. Who has which is elsewhere.

19 MiB and two passes cost an attacker as much as larger settings with one pass do, and let a worker of 512 MB check
several at once.
"""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from nexus_data.errors import PasswordError

SHORTEST = 12
LONGEST = 256
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hashed(password: str) -> str:
    """What is kept of a password, in PHC text form. PasswordError when it is too short or too long to be one."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordError(f"a password has {SHORTEST} to {LONGEST} characters, this one has {len(password)}")
    return _HASHER.hash(_spelled(password))


def matches(kept: str, password: str) -> bool:
    """Whether it is that password; as long in coming for a wrong one as for the right one."""
    try:
        return _HASHER.verify(kept, _spelled(password))
    except (VerificationError, InvalidHashError):
        return False


def renewed(kept: str, password: str) -> str | None:
    """The hash of the same password by today's parameters, which were others when it was kept; None: it has them."""
    return _HASHER.hash(_spelled(password)) if _HASHER.check_needs_rehash(kept) else None


def _spelled(password: str) -> bytes:
    """One spelling for what keyboards send in several (NIST SP 800-63B: NFKC)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", errors="surrogatepass")

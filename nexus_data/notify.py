"""Messages to people: by the URLs of NEXUS_NOTIFY, each a channel (webhook, mail, chat), through apprise.

What is worth a message is decided elsewhere. A channel's URL holds its secrets, so nothing here says more of it than
its scheme and a hash.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nexus_data.errors import SettingError


@dataclass(frozen=True, slots=True)
class Message:
    """title: one line; text: plain; files: sent along by channels that can."""

    title: str
    text: str
    level: Literal["info", "success", "warning", "failure"] = "info"
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """name: scheme and the first digits of the URL's SHA-256, such as json-1f0c9a2b."""

    name: str
    url: str


def channels(urls: Sequence[str]) -> tuple[Channel, ...]:
    """The channels of NEXUS_NOTIFY; SettingError, which does not show the URL, for one that apprise cannot read."""
    from apprise import Apprise

    found = []
    for number, url in enumerate(urls, start=1):
        if not Apprise.instantiate(url):
            raise SettingError(
                f"NEXUS_NOTIFY: URL {number} of {len(urls)} ({url.split(':', 1)[0]}:...) is none that apprise knows; "
                "https://HOST/PATH is written jsons://HOST/PATH, mail mailtos://USER:PASSWORD@HOST"
            )
        scheme = url.split(":", 1)[0].lower()
        found.append(Channel(f"{scheme}-{hashlib.sha256(url.encode()).hexdigest()[:8]}", url))
    return tuple(found)


def send(channel: Channel, message: Message) -> str | None:
    """None when the channel took the message, else why not."""
    from apprise import Apprise, AppriseAttachment

    sender = Apprise()
    sender.add(channel.url)
    files = AppriseAttachment([str(path) for path in message.files]) if message.files else None
    outcome = sender.notify(body=message.text, title=message.title, notify_type=message.level, attach=files)
    if outcome:
        return None
    said = [entry.message for result in outcome.results for entry in result.logs()]
    return said[-1] if said else "the channel did not take it"

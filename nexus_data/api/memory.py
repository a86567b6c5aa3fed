"""The nearest cache: answers in this process, the least recently used of them forgotten first. It knows no stores."""

from collections import OrderedDict

from nexus_data.api.answer import Answer

_OVERHEAD = 600
"""Bytes that an entry takes beside its document and its key: objects, dictionary, entity tag."""


class Memory:
    """Answers by key, together at most so many bytes; one that takes an eighth of that alone is not kept."""

    def __init__(self, limit: int = 64 * 1024**2) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self.bytes = 0

    def get(self, key: str) -> Answer | None:
        """The answer under the key."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer, and forget others where that is too much."""
        self._forget(key)
        size = _size(key, answer)
        if size > self._limit // 8:
            return
        self._kept[key] = answer
        self.bytes += size
        while self.bytes > self._limit:
            self._forget(next(iter(self._kept)))

    def clear(self) -> None:
        """Forget all: what no reader will ask for again."""
        self._kept.clear()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def _forget(self, key: str) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self.bytes -= _size(key, gone)


def _size(key: str, answer: Answer) -> int:
    return len(answer.document) + 2 * len(key) + _OVERHEAD

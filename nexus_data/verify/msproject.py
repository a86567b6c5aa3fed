"""Tasks of Microsoft Project XML, by what readers/msproject.py documents."""

from collections.abc import Iterator, Mapping

from nexus_data.verify.delimited import Raw
from nexus_data.verify.markup import Tree, trees


def records(lines: Iterator[str]) -> Iterator[tuple[Mapping[str, str], Raw]]:
    """Every task with its fields by their names."""
    about: dict[str, str] = {}
    for path, tree in trees(lines, ("Task", "Resource", "Assignment", "Calendar")):
        if path == ("Project", "Tasks", "Task"):
            yield _project(about) | {one.name: tree.said(one.name) for one in tree.children}, _raw(tree)
        elif len(path) == 2 and (text := tree.text.strip()):
            about.setdefault(path[1], text)


def _project(about: Mapping[str, str]) -> dict[str, str]:
    def first(*names: str) -> str:
        return next((about[name] for name in names if name in about), "")

    return {
        "project": first("GUID", "UID", "Name", "Title"),
        "project_title": first("Title", "Name"),
        "currency": first("CurrencyCode"),
        "saved": first("LastSaved"),
    }


def _raw(tree: Tree) -> Raw:
    return Raw((), None, tree.line, tree.raw)

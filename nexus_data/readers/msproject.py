"""Microsoft Project XML (MSPDI) to elements: one record is one `Task` of the project's `Tasks`.

Fields (COLUMNS), texts as in the file without outer white space, "" where there is none:
- project: `Project/GUID`, else `Project/UID`, else `Project/Name`, else `Project/Title`; currency:
  `Project/CurrencyCode`; project_title: `Project/Title`, else `Project/Name`; saved: `Project/LastSaved`;
- those named like their element in `Task`: UID, GUID, ID, Name, WBS, OutlineNumber, OutlineLevel, IsNull, Active,
  Summary, Milestone, Start, Finish, Deadline, ActualFinish, CreateDate, PercentComplete, Cost, ActualCost, FixedCost,
  Notes. Costs are in hundredths of the currency's unit.
What stands behind the tasks says nothing of the project: a field of it there is not seen.
"""

from collections.abc import Iterator

from nexus_data.readers.containers import Source
from nexus_data.readers.elements import Element
from nexus_data.readers.xml_elements import Node, parts

_OF_TASK = (
    "UID",
    "GUID",
    "ID",
    "Name",
    "WBS",
    "OutlineNumber",
    "OutlineLevel",
    "IsNull",
    "Active",
    "Summary",
    "Milestone",
    "Start",
    "Finish",
    "Deadline",
    "ActualFinish",
    "CreateDate",
    "PercentComplete",
    "Cost",
    "ActualCost",
    "FixedCost",
    "Notes",
)
COLUMNS = ("project", "project_title", "currency", "saved", *_OF_TASK)
ROOT = ("Project",)


def elements(source: Source, *, name: str) -> Iterator[Element]:
    """Every task. FileError as `xml_elements.parts`."""
    project = Node("Project", {})
    for part in parts(source, records=("Task", "Resource", "Assignment", "Calendar"), sliced=("Task",), name=name):
        if part.path == ("Project", "Tasks", "Task"):
            yield Element({**_of_project(project), **_of_task(part.node)}, part.node.raw.decode(), part.node.line)
        elif len(part.path) == 2:
            project.children.append(part.node)


def _of_project(project: Node) -> dict[str, str]:
    return {
        "project": project.value("GUID", "UID", "Name", "Title"),
        "project_title": project.value("Title", "Name"),
        "currency": project.value("CurrencyCode"),
        "saved": project.value("LastSaved"),
    }


def _of_task(task: Node) -> dict[str, str]:
    return {name: task.value(name) for name in _OF_TASK}

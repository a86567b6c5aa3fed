"""`nexus trace`: from published rows down to the raw text of their records."""

from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.output import Command, OutcomeError, console, json_option, print_json, say_error

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from nexus_data.provenance.documents import FieldTrace, FileTrace, RecordTrace, Trace, Version
    from nexus_data.settings import Settings

_TABLES = ("trading_operations", "project_milestones", "projects", "users", "frenly_ai_tasks")
_OUTER_COLUMNS = 2


@click.command(cls=Command, short_help="From a published row down to the raw text of its record.")
@click.argument("ids", nargs=-1, metavar="[OPERATION_ID]...")
@click.option("--cell", "question", metavar="QUESTION", help="A cell of a mart, as reports write it: its rows.")
@click.option("--table", type=click.Choice(_TABLES), default=_TABLES[0], help="Whose ids they are, if not operations'.")
@json_option
def command(ids: tuple[str, ...], question: str | None, table: str, as_json: bool) -> None:
    """Show each row beside the original text of its fields, the rules that touched it, its contract, its file, and the
    raw record exactly as it stands in the kept file, which is read again for that.

    With --cell 'mart=daily_totals&column=amount&user_id=u-1&type=income&currency=EUR&from=2025-03-01&to=2025-03-31':
    the rows behind a number of a report or of the API (GET /api/v3/provenance takes the same question), whose exact sum
    it is.

    Exit status 1 when an id is unknown, or when the kept file does not bear the published row out.
    """
    from nexus_data.services import running
    from nexus_data.settings import Settings

    settings = Settings.from_env()
    if question is not None:
        _behind(settings, question, as_json=as_json)
        return
    if not ids:
        raise click.UsageError("name operations, or a --cell")
    with running(settings) as services:
        found = [_trace(settings, services.postgres_url, table, one) for one in ids]
    if as_json:
        print_json({"traces": [_document(one) for one in found]})
    else:
        for one in found:
            _print(one) if not isinstance(one, str) else say_error(one)
    if wrong := [one for one in found if isinstance(one, str) or _faults(one)]:
        raise OutcomeError(f"{len(wrong)} of {len(found)} cannot be traced to a record that bears them out")


def _trace(settings: "Settings", url: str, table: str, name: str) -> "Trace | str":
    """The trace, or why there is none."""
    from nexus_data.errors import TraceError
    from nexus_data.provenance import row, trace
    from nexus_data.provenance.asking import ask
    from nexus_data.provenance.in_lake import operation_anywhere

    try:
        operations = table == _TABLES[0]
        return trace(settings, operation_anywhere(settings, url, name) if operations else ask(url, row(table, name)))
    except TraceError as error:
        return str(error)


def _behind(settings: "Settings", question: str, *, as_json: bool) -> None:
    """Print the rows behind a cell, page by page."""
    import msgspec

    from nexus_data.provenance.questions import pages
    from nexus_data.services import running

    with running(settings) as services:
        found = list(pages(services.postgres_url, question))
    if as_json:
        rows = [row for page in found for row in page.rows]
        print_json(msgspec.to_builtins(msgspec.structs.replace(found[0], rows=rows, next=None)))
        return
    first, out = found[0], console()
    out.print(f"[bold]{_plain(first.mart)}.{_plain(first.column)}[/bold] = {first.value}   ({first.meaning})")
    for cell in first.made_of:
        out.print(f"  {cell.column} = {cell.value}   ({cell.meaning})")
    table = _table("row", "date", first.how, "source", "file", "record")
    for row in (row for page in found for row in page.rows):
        about = (row.id, row.date, row.contribution, row.source, row.file_id, row.record_no)
        table.add_row(*("" if value is None else _plain(str(value)) for value in about))
    out.print(f"{first.rows_behind:,} rows of generation {first.generation}:" if first.rows_behind else "")
    out.print(table)
    if first.removed_months:
        gone = ", ".join(first.removed_months)
        out.print(f"rows of {gone}, which left Postgres by retention, are not listed; each has its own trace by id")


def _document(found: "Trace | str") -> dict[str, Any]:
    import msgspec

    return {"error": found} if isinstance(found, str) else msgspec.to_builtins(found)


def _faults(found: "Trace") -> bool:
    return bool(found.problems) or any(field.differs for field in found.fields)


def _print(found: "Trace") -> None:
    out = console()
    out.print(f"[bold]{found.table} {found.id}[/bold]   {found.status}, generation {found.generation}", soft_wrap=True)
    _print_fields(out, found.fields)
    _print_about(out, found)
    if found.record is not None:
        _print_record(out, found.record)
    for problem in found.problems:
        out.print(f"PROBLEM  {problem}", style="bold red", markup=False, soft_wrap=True)
    out.print()


def _print_fields(out: "Console", fields: "tuple[FieldTrace, ...]") -> None:
    table = _table("field", "published", "original text", "how")
    for field in fields:
        if not _is_empty(field):
            table.add_row(*map(_plain, (field.name, field.value or "", _texts(field), _how(field))))
    out.print(table)
    if empty := [field.name for field in fields if _is_empty(field)]:
        out.print(f"empty: {', '.join(empty)}", style="dim", soft_wrap=True)


def _is_empty(field: "FieldTrace") -> bool:
    return field.value is None and not field.differs and not any(one.text for one in field.texts)


def _texts(field: "FieldTrace") -> str:
    return "\n".join(f"{one.header} = {one.text!r}" for one in field.texts)


def _how(field: "FieldTrace") -> str:
    rules = field.rules or ((field.origin,) if field.origin != "column" else ("as it stands",))
    differs = (f"DIFFERS: the record gives {field.recomputed!r}",) if field.differs else ()
    return "\n".join((*rules, *differs))


def _print_about(out: "Console", found: "Trace") -> None:
    lines = [("removed", found.removed)] if found.removed else []
    if (identity := found.identity) is not None:
        which = f", occurrence {identity.occurrence} in its file" if identity.rule == "content" else ""
        proved = "computed again: it is the same" if identity.proved else "NOT the one that the record gives"
        lines.append(("identity", f"by {identity.rule} ({', '.join(identity.columns)}){which}; {proved}"))
    if (contract := found.contract) is not None:
        header = f", header variant {contract.variant!r}" if contract.variant else ""
        lines.append(("contract", f"{contract.source}/{contract.dataset} version {contract.version}{header}"))
        lines += [("kind", contract.kind)] if contract.kind else []
        lines += [("note", contract.note)] if contract.note else []
    if found.file is not None:
        lines += _file_lines(found.file)
    lines += _history_lines(found)
    table = _table()
    for name, text in lines:
        table.add_row(name, _plain(text))
    out.print(table)


def _file_lines(file: "FileTrace") -> list[tuple[str, str]]:
    whom = f" for {file.landed_for}" if file.landed_for else ""
    state = file.removed or ("unaltered" if file.intact else "ALTERED")
    lines = [
        ("file", f"{file.landed_as}{whom}, {file.size:,} bytes, landed {file.landed_at}"),
        ("SHA-256", f"{file.sha256} ({state})"),
        *([("kept as", file.kept)] if file.kept else []),
        ("published", f"by run {file.run_id}, generation {file.generation}"),
    ]
    again = [f"generation {one['generation']}" for one in file.landed_again]
    return lines + ([("again in", f"{', '.join(again)}: all its records were duplicates then")] if again else [])


def _history_lines(found: "Trace") -> list[tuple[str, str]]:
    lines = [
        ("correction", f"{c['field']}: {c['old_text']!r} -> {c['new_text']!r} by {c['made_by']}: {c['reason']}")
        for c in found.corrections
    ]
    lines += [
        ("quarantine", f"generation {q['generation']}: {q['rules']}; {q['resolution'] or 'open'}")
        for q in found.quarantine
    ]
    for one in found.versions:
        by = f"record {one.by_record_no} of" if one.by_record_no else "what is not in"
        span = f"published by generation {one.generation}, taken back by {one.superseded_generation}"
        lines.append(("superseded", f"{span}: {one.reason} by {by} file {one.by_file_id}{_was(one, found)}"))
    return lines


def _was(version: "Version", found: "Trace") -> str:
    """What the version said otherwise than what is shown."""
    shown = {field.name: field.value for field in found.fields}
    other = {name: text for name, text in version.fields.items() if name in shown and shown[name] != text}
    return "".join(f"; {name} was {text or 'empty'}" for name, text in other.items())


def _print_record(out: "Console", record: "RecordTrace") -> None:
    where = f"record {record.record_no}"
    if record.line is not None:
        lines = f"{record.line}" if record.line == record.last_line else f"{record.line} to {record.last_line}"
        where += f", {'row' if record.sheet else 'line'} {lines}"
    where += f" of sheet {record.sheet!r}" if record.sheet else ""
    where += f" of member {record.member!r}" if record.member else ""
    encoding = f", {record.encoding}" if record.encoding else ""
    state = "fingerprint proved" if record.intact else "FINGERPRINT DIFFERS"
    out.print(f"\n[bold]{where}[/bold] ({record.format}{encoding}; {state}), as it stands:", soft_wrap=True)
    click.echo(record.raw)
    for part in record.parts:
        line = f", line {part.line}" if part.line is not None else ""
        out.print(f"[bold]with record {part.record_no}[/bold]{line}:", soft_wrap=True)
        click.echo(part.raw)
    if record.command:
        out.print(f"see it: {record.command}", style="dim", markup=False, soft_wrap=True)


def _table(*columns: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, header_style="bold", show_header=bool(columns), padding=(0, _OUTER_COLUMNS, 0, 0))
    for name in columns or ("", ""):
        table.add_column(name, overflow="fold")
    return table


def _plain(text: str) -> str:
    """Text of files is no markup."""
    from rich.markup import escape

    return escape(text)

"""`nexus rules`: what the codes of rejected records mean."""

from dataclasses import asdict

import click

from pipelines.cli.output import Command, console, json_option, print_json


@click.command(cls=Command, short_help="The rules that a record can break, with a line of help each.")
@click.argument("code", required=False)
@json_option
def command(code: str | None, as_json: bool) -> None:
    """Print every rule by the step that applies it, or the one of that CODE.

    The codes are stable. A record in quarantine names each rule that it broke, as CODE or CODE:column.
    """
    from nexus_data.rules import RULES, Rule

    wanted = (code or "").partition(":")[0].upper()
    if wanted and wanted not in RULES:
        raise click.BadParameter(f"there is no rule {code!r}; `nexus rules` lists them all", param_hint="CODE")
    found: list[Rule] = [rule for rule in RULES.values() if wanted in ("", rule.code)]
    if as_json:
        print_json({"rules": [asdict(rule) for rule in found]})
        return
    out = console()
    for rule in found:
        out.print(f"{rule.code:18} {rule.hop:12} {rule.help}", soft_wrap=True)

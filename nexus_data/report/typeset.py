"""One document of Typst, set in a process of its own: `python -m nexus_data.report.typeset < asked > document.pdf`.

Typst keeps all that it ever laid out for the next document, some hundred MB each time, and has no way to let go of it.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from nexus_data.errors import ReportError


def typeset(template: Path, *, inputs: Mapping[str, str], fonts: Path, system_fonts: bool, made_at: datetime) -> bytes:
    """The document as PDF/A. inputs: texts that the template finds in sys.inputs. ReportError when it cannot be set."""
    asked = {
        "template": str(template),
        "inputs": dict(inputs),
        "fonts": str(fonts),
        "system_fonts": system_fonts,
        "made_at": int(made_at.timestamp()),
    }
    command = [sys.executable, "-m", __name__]
    package = Path(__file__).parents[2]
    done = subprocess.run(command, input=json.dumps(asked).encode(), capture_output=True, cwd=package, check=False)  # noqa: S603
    if done.returncode:
        raise ReportError(f"the PDF could not be set: {done.stderr.decode(errors='replace').strip()[-500:]}")
    return done.stdout


def main() -> None:
    """Set what standard input asks for."""
    import typst

    asked = json.load(sys.stdin.buffer, parse_float=Decimal)
    made = typst.compile(
        Path(asked["template"]).read_bytes(),
        font_paths=typst.Fonts(include_system_fonts=asked["system_fonts"], font_paths=[asked["fonts"]]),
        sys_inputs=asked["inputs"],
        timestamp=datetime.fromtimestamp(asked["made_at"], UTC),
        pdf_standards="a-2u",
        format="pdf",
    )
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()

"""Pictures of a report's numbers, as SVG, drawn by Vega-Lite from the specifications in `charts/`.

The same chart gives the same bytes: text is measured by the fonts in `fonts/`, whatever the machine has.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from nexus_data.report.document import Chart

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
_NUMBERS = msgspec.json.Encoder(decimal_format="number")
_REFERRED = re.compile(r"\b(?:clip|gradient_)\d+\b")


def svg(chart: Chart) -> str:
    """The chart as an SVG document with text as text."""
    drawing = _drawing()
    picture: str = drawing.vegalite_to_svg(_NUMBERS.encode(_specification(chart)).decode(), config=_config())
    return _numbered(picture, chart.name)


def _numbered(picture: str, name: str) -> str:
    """Vega counts what an SVG refers to within itself on and on, over all pictures of a process."""
    found = dict.fromkeys(_REFERRED.findall(picture))
    places = {one: f"{name}-{place}" for place, one in enumerate(found)}
    return _REFERRED.sub(lambda match: places[match[0]], picture)


def _specification(chart: Chart) -> dict[str, Any]:
    given: dict[str, Any] = msgspec.json.decode((HERE / "charts" / f"{chart.name}.json").read_bytes())
    params = [{"name": name, "value": value} for name, value in chart.options.items()]
    _fill(given, chart.options)
    return {**given, "params": [*given.get("params", []), *params], "data": {"values": list(chart.rows)}}


def _fill(node: Any, options: dict[str, Any]) -> None:
    """Put lists that only the report knows in the place of {"$": NAME}: Vega-Lite takes no parameters in domains."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in list(children):
        if isinstance(child, dict) and set(child) == {"$"}:
            node[key] = options[child["$"]]
        else:
            _fill(child, options)


@cache
def _config() -> dict[str, Any]:
    config: dict[str, Any] = msgspec.json.decode((HERE / "charts" / "config.json").read_bytes())
    return config


@cache
def _drawing() -> Any:
    # Loading it starts a JavaScript engine: not before there is something to draw.
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    return vl_convert

"""The names of a route's parameters as its readers write them, and the refusal of those that it does not have.

A filter that is written wrong, or written twice with another value, and passed over would show more than was asked for,
as if it were the answer.
"""

from collections.abc import Mapping
from functools import cache
from urllib.parse import parse_qsl

from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter
from litestar.types import Scope

from nexus_data.errors import QuestionError

_OF_ANYBODY = "user_id"


def demand_known(scope: Scope) -> None:
    """QuestionError for a parameter that the route does not have (routes that take any say so), or that is there twice.

    No route has one that may be repeated.
    """
    handler = scope["route_handler"]
    if not scope["query_string"]:
        return
    known = None if handler.opt.get("any_parameter", False) else written(handler)
    given: set[str] = set()
    for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
        if known is not None and name not in known.values():
            told = f"it has {', '.join(sorted(known.values()))}" if known else "it has none"
            raise QuestionError(f"there is no parameter {name[:100]!r} here; {told}")
        if name in given:
            raise QuestionError(f"the parameter {name[:100]!r} is given twice; it has one value")
        given.add(name)


@cache
def written(handler: BaseRouteHandler) -> Mapping[str, str]:
    """The name that a reader writes, by the handler's own."""
    parameters = handler.parsed_fn_signature.parameters
    names = {
        own: parameter.kwarg_definition.name or own
        for own, parameter in parameters.items()
        if isinstance(parameter.kwarg_definition, QueryParameter)
    }
    # Whose data: a dependency of those that take it, which reads it.
    return names | ({_OF_ANYBODY: _OF_ANYBODY} if _OF_ANYBODY in parameters else {})

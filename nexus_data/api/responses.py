"""What OpenAPI says of answers: documents with an example, refusals with theirs. No answer is made here."""

from http import HTTPStatus

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from nexus_data.api.documents import Problem
from nexus_data.api.problems import MEDIA_TYPE

_HEADERS = "X-Data-Generation: its generation; X-Served-From: memory, redis or postgres; a strong ETag"
_WHY = {
    400: "min_amount is '1,5', which is no decimal number",
    401: "the token has expired; get a new one",
    403: "these are sums over everybody's records; they are for who may see every user",
    404: "there is no such user whose data you may see",
    406: "this is to be had as application/json, text/csv or application/vnd.apache.arrow.stream",
    409: "generation 8 was published since the first page, which is of generation 7; begin again without a cursor",
    503: "the database does not answer; try again in a moment",
}

Responses = dict[int, ResponseSpec]


def reading(kind: type[object], description: str, *, example: object, refusals: tuple[int, ...] = ()) -> Responses:
    """The answers of a read: a document, 304, the refusals that every read knows, and those given by status."""
    document = ResponseSpec(kind, description=f"{description}. {_HEADERS}", examples=[Example(value=example)])
    unchanged = ResponseSpec(None, description="Unchanged since the answer with the ETag in If-None-Match")
    return {
        200: document,
        304: unchanged,
        **{status: refusal(status) for status in sorted({*refusals, 400, 401, 404, 503})},
    }


def refusal(status: int) -> ResponseSpec:
    """A problem document (RFC 9457) of that status."""
    title = HTTPStatus(status).phrase
    example = Problem(status=status, type="about:blank", title=title, detail=_WHY[status])
    return ResponseSpec(Problem, description=title, media_type=MEDIA_TYPE, examples=[Example(value=example)])

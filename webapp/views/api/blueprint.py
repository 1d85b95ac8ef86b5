"""The operations of the API: each is a view with what there is to say of it. The OpenAPI document is made from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypedDict, TypeVar, Unpack

from flask import Blueprint
from flask.typing import RouteCallable

from webapp.views.api.responses import mimetype_of
from webapp.views.page.query import PAGES, Page

View = TypeVar("View", bound=RouteCallable)

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@dataclass(frozen=True, slots=True)
class Output:
    """What a response may be."""

    mimetype: str
    schema: str = ""
    """The name of its JSON Schema in the OpenAPI document; empty for text, tables and pictures."""


READ = ("GET", "POST")
"""By GET about a stored set, so that a page can link to the answer and a cache keep it; by POST about what is sent."""


class Particulars(TypedDict, total=False):
    """What tells an operation from the usual one; see :class:`ApiOperation`."""

    methods: tuple[str, ...]
    examples: tuple[str, ...]
    sides: tuple[str, ...]
    fields: Mapping[str, str]
    headers: Mapping[str, str]
    gives: Mapping[str, str]
    status: int
    is_quick: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOperation:
    """One thing that the API does."""

    name: str
    path: str
    summary: str
    outputs: tuple[Output, ...]
    """What is answered, the usual one first."""
    methods: tuple[str, ...] = READ
    examples: tuple[str, ...] = ()
    """What curl is given, with the path last."""
    sides: tuple[str, ...] = ("",)
    """What leads the names of the fields that manifests come in, a side each; without any it takes none."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Fields of a form besides, by their names: what each is for."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of the request, by their names: what each is for."""
    gives: Mapping[str, str] = field(default_factory=dict)
    """Headers of its usual answer, by their names: what each is for."""
    status: int = 200
    """That of its usual answer."""
    is_quick: bool = False
    """It costs next to nothing."""

    @property
    def endpoint(self) -> str:
        """Its name as Flask has it."""
        return f"{blueprint.name}.{self.name}"

    @property
    def page(self) -> Page:
        """The words of its query."""
        return PAGES[self.endpoint]

    @property
    def url(self) -> str:
        """Its path from the top of the site."""
        return f"{blueprint.url_prefix}{self.path}"

    @property
    def template(self) -> str:
        """The same as OpenAPI writes it: ``{key}`` for ``<key>``."""
        return self.url.replace("<", "{").replace(">", "}")


_DECLARED: list[ApiOperation] = []


def operations() -> tuple[ApiOperation, ...]:
    """Return all operations."""
    return tuple(_DECLARED)


def operation(path: str, *outputs: Output, **particulars: Unpack[Particulars]) -> Callable[[View], View]:
    """Return the decorator that makes a view an operation; the first line of its docstring is the summary."""

    def declare(view: View) -> View:
        summary = (view.__doc__ or "").partition("\n")[0]
        its = ApiOperation(name=view.__name__, path=path, summary=summary, outputs=outputs, **particulars)
        _DECLARED.append(its)
        blueprint.add_url_rule(path, view_func=view, methods=list(its.methods))
        return view

    return declare


def written(output: str, schema: str = "") -> Output:
    """Return what a value of the word ``output`` gives."""
    return Output(mimetype_of(output), schema)


def curl_line(example: str, server: str) -> str:
    """Return an example of an operation as a line for a shell.

    >>> curl_line("-F file=@shop.yaml '/api/v1/simulate?at=failed'", "http://localhost")
    "curl -F file=@shop.yaml 'http://localhost/api/v1/simulate?at=failed'"
    """
    options, slash, path = example.partition("/api/")
    return f"curl {options}{server}{slash}{path}"

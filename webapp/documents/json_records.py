"""What the API answers with, beside the simulation document, as types: their JSON Schemas are generated from them."""

from typing import Literal, NotRequired, TypedDict

from webapp.simulation.schema import ProblemDocument

Severity = Literal["error", "warning", "info"]


class StoredSet(TypedDict):
    """A set that was stored, with what was wrong in it; `notUsed` counts the objects of kinds that change no answer."""

    id: str
    url: str
    deleteToken: str
    expires: str
    problems: list[ProblemDocument]
    notUsed: dict[str, int]


class SharedViewDocument(TypedDict):
    """A state under a short link; `embedUrl` is for a frame, where it is public, `editToken` is said once."""

    id: str
    url: str
    topology: str
    mapUrl: str
    embedUrl: str | None
    title: str
    note: str
    public: bool
    expires: str
    editToken: NotRequired[str]


class HitDocument(TypedDict):
    """Something that was found; `matched` is the address, port or label that fits, where that is not its name."""

    kind: Literal["node", "zone", "service", "port", "pod", "endpoint"]
    key: str
    matched: str


class FoundDocument(TypedDict):
    """What was found, the best first; `more` says that there is more than is listed."""

    schema: Literal["nodefall/find/v1"]
    found: list[HitDocument]
    more: bool


class JobDocument(TypedDict):
    """How far a job is; `ahead` is how many come first."""

    state: Literal["waiting", "running"]
    ahead: int
    stage: str


class RemarkDocument(TypedDict):
    """A finding that lies on the path."""

    finding: str
    text: str
    remedy: str


class PathStepDocument(TypedDict):
    """One stretch of the path of a connection."""

    name: str
    mark: Literal["ok", "loses", "breaks", "unknown"]
    text: str
    remarks: list[RemarkDocument]


class OutsideDocument(TypedDict):
    """A usual cause that no manifest shows, and how to find out."""

    cause: str
    check: str


class WhyDocument(TypedDict):
    """Why an address answers or doesn't."""

    schema: Literal["nodefall/why/v1"]
    at: str
    down: list[str]
    drain: list[str]
    address: str
    port: int | None
    protocol: str
    node: str | None
    service: str | None
    answered: float | None
    outcome: str | None
    told: bool
    headline: str
    verdict: str
    steps: list[PathStepDocument]
    outside: list[OutsideDocument]


class FindingDocument(TypedDict):
    """A finding; `also` are the fingerprints of those that are folded into it."""

    id: str
    severity: Severity
    file: str | None
    line: int | None
    object: str | None
    path: str | None
    message: str
    why: str
    hint: str
    remedy: str | None
    fixable: bool
    fingerprint: str
    also: list[str]


class IgnoredFindingDocument(FindingDocument):
    """A finding that an annotation or the request ignores."""

    reason: str


class ThresholdDocument(TypedDict):
    """What is asked of the manifests."""

    maxSeverity: Literal["error", "warning", "info", "none"]
    survive: Literal["node", "zone"] | None
    guaranteed: bool
    via: Literal["lb", "dns"]


class CountsDocument(TypedDict):
    """How many findings there are of each severity."""

    error: int
    warning: int
    info: int


class SurvivalDocument(TypedDict):
    """Whether a service port survives the loss of any one node or zone, and which losses it does not survive."""

    service: str
    port: str | None
    nodePort: int | None
    protocol: str
    survives: bool
    guaranteed: bool
    exact: bool
    answered: float
    culprits: list[str]
    reason: str


class CheckDocument(TypedDict):
    """What a check has found, held against a threshold."""

    schema: Literal["nodefall/check/v1"]
    passed: bool
    bar: ThresholdDocument
    counts: CountsDocument
    findings: list[FindingDocument]
    ignored: list[IgnoredFindingDocument]
    accepted: list[FindingDocument]
    survival: list[SurvivalDocument]


class BaselineDocument(TypedDict):
    """The findings that are accepted, by their fingerprints."""

    schema: Literal["nodefall/baseline/v1"]
    accepted: list[str]


class FindingsDocument(TypedDict):
    """What is wrong or risky, the worst first."""

    schema: Literal["nodefall/findings/v1"]
    findings: list[FindingDocument]
    ignored: list[IgnoredFindingDocument]


class ChangeDocument(TypedDict):
    """One difference in what clients get."""

    service: str
    port: str | None
    what: str
    before: str | None
    after: str | None
    effect: Literal["worse", "better", "other"]


class ComparisonDocument(TypedDict):
    """What a change of the manifests does to clients."""

    schema: Literal["nodefall/diff/v1"]
    worse: bool
    changes: list[ChangeDocument]


class ErrorDocument(TypedDict):
    """A problem document (RFC 9457): `errors` are the problems of the files, `problems` their messages alone."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    error: str
    errors: NotRequired[list[ProblemDocument]]
    problems: NotRequired[list[str]]

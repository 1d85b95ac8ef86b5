"""What is worked out once for each cluster and kept as long as it lives: the same for every click."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from webapp.cluster.model import Cluster

T = TypeVar("T")
Question = TypeVar("Question")


def once_per_cluster(function: Callable[[Cluster], T]) -> Callable[[Cluster], T]:
    """Return the function with a memory: a Cluster never changes, and is no other's equal."""
    known: WeakKeyDictionary[Cluster, T] = WeakKeyDictionary()

    @wraps(function)
    def remembering(cluster: Cluster) -> T:
        if cluster not in known:
            known[cluster] = function(cluster)
        return known[cluster]

    return remembering


def latest_per_cluster(function: Callable[[Cluster, Question], T]) -> Callable[[Cluster, Question], T]:
    """Return the function with a memory of its latest answer for each cluster: a page asks the same several times."""
    known: WeakKeyDictionary[Cluster, tuple[Question, T]] = WeakKeyDictionary()

    @wraps(function)
    def remembering(cluster: Cluster, question: Question) -> T:
        found = known.get(cluster)
        if found is None or found[0] != question:
            found = known[cluster] = question, function(cluster, question)
        return found[1]

    return remembering

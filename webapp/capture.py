"""The one command that captures a cluster: every kind that changes an answer, in one List."""

CAPTURE = (
    "kubectl get nodes,pods,services,endpointslices,deployments,statefulsets,daemonsets,replicasets,jobs,"
    "poddisruptionbudgets,networkpolicies,ingresses,horizontalpodautoscalers -A -o yaml"
)
"""The page, the README, docs and hints all name this line; a test looks for others."""

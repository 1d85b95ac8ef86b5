"""kube-scheduler's default profile: where pods without a node go."""

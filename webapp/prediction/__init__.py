"""Questions to be answered before a failure's result is shown: which connections, how many of them, until when.

Each has one right choice and others that are wrong by the model, with the reason for each; nothing is written by hand
for a particular set.
"""

from webapp.prediction.of_cluster import ClusterPrediction, ServiceLoss, cluster_questions
from webapp.prediction.of_port import PortPrediction, port_questions
from webapp.prediction.question import PredictionChoice, PredictionQuestion

__all__ = [
    "ClusterPrediction",
    "PortPrediction",
    "PredictionChoice",
    "PredictionQuestion",
    "ServiceLoss",
    "cluster_questions",
    "port_questions",
]

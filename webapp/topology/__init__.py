"""State + Outcome -> the one graph (`networkx.DiGraph`) that every picture and export is made from.

A graph answers one question: where do the new connections to one service port go, at one moment of one scenario,
for clients that come in one way. It knows words and numbers, no coordinates and no colours.

Vertices, by id, with the record of their attributes in :mod:`webapp.topology.attributes`:

=====================  =================  ==============================================================================
``client``             `ClientVertex`     everybody outside
``node/NAME``          `NodeVertex`       a node; it has no edges, entry points and endpoints name it as `node`
``entry/NAME``         `EntryVertex`      the entry point node:nodePort on that node
``service``            `ServiceVertex`    the service port
``endpoint/KEY``       `EndpointVertex`   a pod or address behind it, by the endpoint's key; those not ready included
``pending/NS/POD``     `PendingVertex`    a pod of the service without a node, or rejected by its kubelet; no edges
=====================  =================  ==============================================================================

Edges (`Flow`), all shares from 0 to 1 without a unit, none rounded:

- ``client -> entry``: always, with share 0 where the way in leaves the entry point out (no target of the balancer);
- ``entry -> service``: where the entry point hands connections on, to live endpoints or dead ones;
- ``service -> endpoint``: where some entry point may pick the endpoint.

`share` is of *all* new connections through the Scenario's way in, so each layer adds up: what enters a layer is what
the one before did not lose. The graph itself carries the question (`Question`).

Order is deterministic: nodes and entry points as the cluster has them (natural order of names), endpoints and pending
pods by natural order of their keys; the order of the manifests shows nowhere.
"""

from webapp.topology.build import CLIENT, SERVICE, graph

__all__ = ["CLIENT", "SERVICE", "graph"]

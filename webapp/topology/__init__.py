"""State + Outcome -> the one graph (`networkx.DiGraph`) that every picture and export is made from.

A graph answers one question: where do the new connections to one service port go, at one moment of one Scenario,
for clients that use one access path. **A path in it is a path of a packet**: it leads from the client or an entry
point to an endpoint exactly where connections are sent there, and the weights along it multiply to their share. The
graph knows words and numbers, no coordinates and no colours.

Vertices, by id, with the record of their attributes in :mod:`webapp.topology.attributes`:

=====================  =================  ==============================================================================
``client``             `ClientVertex`     everybody outside
``node/NAME``          `NodeVertex`       a node; entry points and endpoints name it as `node`
``entry/NAME``         `EntryVertex`      the entry point node:nodePort on that node
``service``            `ServiceVertex`    the service port; ``service/1``, ``service/2`` ... where its entry points use
                                          different sets of endpoints (policy Local, hints, stale rules), one for each
``endpoint/KEY``       `EndpointVertex`   a pod or address behind it, by the endpoint's key; those not ready included
``pending/NS/POD``     `PendingVertex`    a pod of the service without a node, or rejected by its kubelet
=====================  =================  ==============================================================================

Edges (`Flow`), all shares from 0 to 1 without a unit, none rounded:

- ``client -> entry``: where clients come in, with their share; none where the access path leaves the entry point out;
- ``node -> entry``: whoever is on the node reaches it; none from a node that is down;
- ``entry -> service``: where the entry point hands connections on, to live endpoints or dead ones; none where they
  end in a timeout or are refused;
- ``service -> endpoint``: to each endpoint of the set.

`share` is of *all* new connections through the Scenario's `via`, so each layer adds up: what enters a layer is what
the one before did not lose. `weight` is the part of those at the tail. What no packet touches is isolated: endpoints
that no entry point may select, pods that don't run, nodes that are down. The graph itself carries the question
(`Question`).

The graph of a whole cluster (:func:`cluster_graph`) has the same vertices, edges and attributes. Its service ports
share the client and the nodes; what belongs to one of them has its name in its id, ``entry/default/web:80/worker-1``,
``service/default/web:80`` or ``service/default/web:80/1``, and shares are of the new connections to that port.

Order is deterministic: nodes and entry points as the cluster has them (natural order of names), endpoints and pending
pods by natural order of their keys; the order of the manifests shows nowhere.
"""

from webapp.topology.build import CLIENT, DEAD_ENDPOINT, SERVICE, graph
from webapp.topology.cluster import cluster_graph, port_name

__all__ = ["CLIENT", "DEAD_ENDPOINT", "SERVICE", "cluster_graph", "graph", "port_name"]

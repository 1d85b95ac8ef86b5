"""What the API server, the controllers and the scheduler would have made of the manifests.

:func:`webapp.cluster.build.build` turns Manifests into one frozen :class:`Cluster`: services accepted or refused and
given their node ports, workloads turned into pods, pods placed on nodes, endpoints listed with their hints.
"""

"""What one scenario results in, in full: the document of ``simulate``, a timeline, one connection hop by hop.

Built on the State and on routing's outcomes. :func:`webapp.simulation.document.simulation_document` is all of it as
JSON; :mod:`timeline` puts the outcomes of several times together, :mod:`trace` follows one packet, :mod:`load` says how
much more the pods that are left must take.
"""

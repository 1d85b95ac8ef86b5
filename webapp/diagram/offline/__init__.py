"""One HTML file that still simulates: no server, no network.

``plan`` writes down as plain data what the answers depend on, ``recovery`` the states that need kube-scheduler, worked
out beforehand, ``phrases`` every sentence as a template made by the code that speaks on the page. ``page`` puts them
into one file beside the picture and the script (``static/offline``), a small function that evaluates the plan.
A test drives both and compares every number and every word.
"""

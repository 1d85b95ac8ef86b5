"""What the fork server imports first: it then imports the whole app, which takes a second, at the workers' priority."""

from webapp.jobs.priority import lower_priority

lower_priority()

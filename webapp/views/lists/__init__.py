"""The pages that list: services, resilience, findings, problems, search, and what a change does."""

"""The page's state: what its address says, which topology is open, and what all pages share."""

"""To learn with: exercises made from what is open."""

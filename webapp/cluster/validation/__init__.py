"""The API server's validation, as far as the fields go that nodefall keeps: functions that yield Refusals."""

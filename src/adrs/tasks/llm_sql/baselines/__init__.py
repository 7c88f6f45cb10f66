"""Programs that a new ordering is compared with; each is complete and can be played as it is."""

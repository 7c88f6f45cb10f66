"""Programs that a new repair is compared with; each is complete and can be played as it is."""

"""Programs that a new one is compared with; each is complete and can be played as it is."""

"""Programs that a new placement is compared with; each is complete and can be played as it is."""

"""Programs that a new allocation is compared with; each is complete and can be played as it is."""

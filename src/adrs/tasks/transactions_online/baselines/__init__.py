"""Programs that a new scheduler is compared with; each is complete and can be played as it is."""

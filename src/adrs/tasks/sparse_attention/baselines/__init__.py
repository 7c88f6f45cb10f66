"""Programs that a new policy is compared with; each is complete and can be played as it is."""

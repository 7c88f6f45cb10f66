"""Can't Be Late: what the tasks with one spot market and with several regions have in common."""

"""Can't Be Late, several regions: a job with a deadline that may move to where spot instances are available or cheap."""

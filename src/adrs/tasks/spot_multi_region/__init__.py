"""Can't Be Late, several regions: a job with a deadline that may go where spot instances are to be had, or cheap."""

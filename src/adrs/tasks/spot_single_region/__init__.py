"""Can't Be Late, one region: a job with a deadline on spot and on-demand instances, for as few dollars as possible."""

"""What both transaction tasks share: the rule by which transactions start, batches to order, and bounds on any order."""

"""What to say to a solution generator; the words are .md files beside the code."""

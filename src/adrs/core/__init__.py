"""The nouns: tasks, trials, parts and budgets; everything imports them, they import nothing of ours."""

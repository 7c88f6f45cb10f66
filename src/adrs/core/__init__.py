"""The basic types: tasks, trials, parts and budgets. All other packages import them; they import no other package of adrs."""

"""The task transactions_offline: all transactions are known, and the whole order is chosen at once."""

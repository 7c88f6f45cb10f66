"""The task transactions_offline: all transactions are known, the whole order is asked for at once."""

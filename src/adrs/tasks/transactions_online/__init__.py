"""The task transactions_online: transactions come one after another, and few of them are seen at a time."""

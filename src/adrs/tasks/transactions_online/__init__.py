"""The task transactions_online: transactions arrive one after another, and only a window of them is visible."""

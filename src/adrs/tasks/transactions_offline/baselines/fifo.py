"""First come first served: the transactions in order of arrival; score 0."""


def schedule(transactions: list[str], seconds: float) -> list[int]:
    return list(range(len(transactions)))

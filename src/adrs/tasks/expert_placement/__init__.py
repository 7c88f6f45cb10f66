"""Expert placement: replicas of a mixture-of-experts model on GPUs, balanced for the tokens that come next."""

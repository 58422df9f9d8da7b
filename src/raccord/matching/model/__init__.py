"""The probabilistic model: what is compared, how much each agreement is worth, frozen weights."""

"""How well answers fit the truth: figures of merit, stored evaluations, labelled folders, embedding maps."""

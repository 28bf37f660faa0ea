"""The Export screen: a survey as tables, for other programs, or as folders named by species."""

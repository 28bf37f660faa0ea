"""A model learns the animals of a place from reviewed photos: its last layer is fitted again, and judged first.

`avistar.adaptation.session` is the way in; docs/teach.md says what it does and what was measured.
"""

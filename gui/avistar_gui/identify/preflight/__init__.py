"""The sheet before a run: what there is, how long it takes, and the choices that belong there."""

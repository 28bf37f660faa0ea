"""`avistar serve`: identification over HTTP, for programs in other languages on the same machine.

Needs the extra `serve`; nothing else in Avistar imports this package.
"""

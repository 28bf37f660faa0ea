"""Deployments: where and when each camera stood, and clocks that were wrong."""

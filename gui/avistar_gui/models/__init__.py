"""The Models screen: bundles, whether they are intact, what runs them here, and engines built for this machine."""

"""A cluster of several machines on this one: Ray's own means for tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def machines() -> Iterator[Any]:
    """A running cluster with one machine of two CPUs; `add_node` and `remove_node` change it."""
    pytest.importorskip("ray", reason="needs the extra 'cluster'")
    from ray.cluster_utils import Cluster

    from avistar.cluster.ray_workers import connect

    size = {"object_store_memory": 100 * 2**20, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, **size})
    ray = connect(cluster.address)
    yield cluster
    ray.shutdown()
    cluster.shutdown()

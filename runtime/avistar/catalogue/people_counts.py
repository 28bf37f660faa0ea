"""What people's words add to the counts of a survey."""

from __future__ import annotations

from typing import Any

from avistar.catalogue.connection import Store
from avistar.catalogue.query import CORRECTED


def read(store: Store) -> dict[str, Any]:
    """Fields of `Counts`, by their names."""

    def numbers(sql: str) -> dict[str, int]:
        return dict(map(tuple, store.rows(sql)))

    flags = f"SELECT total({CORRECTED}), total(comment <> ''), total(disagreed) FROM medium WHERE present"
    corrected, commented, disagreed = map(int, store.rows(flags)[0])
    return {
        "findings": numbers(
            "SELECT what, count(DISTINCT medium) FROM found JOIN medium ON medium.id = found.medium "
            "WHERE present GROUP BY what"
        ),
        "corrected": corrected,
        "commented": commented,
        "disagreed": disagreed,
        "reviewers": numbers(
            "SELECT reviewer, count(*) FROM medium WHERE present AND review IS NOT NULL GROUP BY reviewer"
        ),
        "tags": numbers(
            "SELECT value, count(*) FROM medium, json_each(tags) WHERE present AND tags <> '[]' GROUP BY value"
        ),
    }

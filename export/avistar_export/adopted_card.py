"""The model card of an adopted network: whose it is, what it takes, and what was measured here."""

from __future__ import annotations

from avistar.manifest import Manifest


def adopted_card(manifest: Manifest, *, calibrated: bool) -> str:
    """The card in Markdown; the table of artifacts is added when they are published."""
    facts = manifest.provenance["adopted"]
    size, kinds = manifest.preprocessing, {species.kind for species in manifest.species}
    other = sorted(kinds - {"animal"})
    lines = [
        f"# {manifest.name}",
        "",
        f"A network that others trained (`{facts['file']}`, SHA-256 `{facts['sha256']}`), adopted by Avistar: "
        "the same weights, with its arithmetic on pixels inside the graph.",
        "",
        f"- **Licence:** {facts['licence']}",
        f"- **Citation:** {facts['citation'] or 'none was given'}",
        f"- **Labels:** {len(manifest.species):,} in {len(manifest.groups):,} groups"
        + (f"; besides species also {', '.join(other)}" if other else ""),
        f"- **Takes:** {size.width} × {size.height} px ({size.fit}, {size.resampling}), {facts['layout'].upper()}",
        f"- **Answers:** '{facts['output']}' ({facts['head']}); embedding: "
        + (f"'{facts['embedding']}'" if facts["embedding"] else "none, so that it can't be taught"),
        "",
        _calibration(calibrated=calibrated),
        "",
        "What it is good at is for its authors to say, and for your own photos to show: "
        "`avistar evaluate PHOTOS --model FOLDER`.",
        "",
    ]
    return "\n".join(lines)


def _calibration(*, calibrated: bool) -> str:
    if calibrated:
        return (
            "**Calibrated** on the user's photos (`analysis/split.json` names them): temperature and the floor of "
            "*unknown* come from some, the figures below from others. Nobody knows whether these photos trained the "
            "network, too; if so, the figures flatter."
        )
    return (
        "**Not calibrated:** no labelled photos were given. Confidences are the network's own, and no picture is "
        "*unknown* for its looks."
    )

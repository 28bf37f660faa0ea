"""What `avistar survey` says, in English and Spanish."""

from __future__ import annotations

from avistar.species import Language

_EN = {
    "media": "{total:,} media: {answered:,} identified, {blank:,} empty, {failed:,} failed, {pending:,} waiting",
    "people": "{reviewed:,} reviewed by people, {vanished:,} no longer in the folder",
    "origin": "{number:,} answered by {bundle} {precision}, {runs_on}",
    "written": "{media:,} media written to {files}",
    "template": "fill in {files}, then: avistar survey export {catalogue} FOLDER --format camtrap-dp --deployments … "
    "--project …",
    "missing": "Camtrap DP needs {number} facts that only you know; `avistar survey deployments-template` writes the "
    "two files to fill in:",
    "plan": "{files:,} files, {size}, into {root} ({how})",
    "more": "… and {number:,} more folders",
    "nothing_known": "{number:,} left out: nothing is known of them",
    "sorted_before": "{number:,} are there already",
    "sorted_elsewhere": "{number:,} are there in another species' folder: `avistar survey undo` first",
    "gone_files": "{number:,} left out: the file is gone",
    "nothing": "nothing to do",
    "ask": "Go ahead?",
    "ask_move": "The originals will leave their folders. Go ahead?",
    "not_done": "nothing was done: add --yes",
    "sorted": "{placed:,} files placed; `avistar survey undo {root}` takes it back",
    "failure": "{file}: {reason}",
    "undone": "{restored:,} moved back, {removed:,} removed, {kept:,} kept",
    "correction": "{was} → {now}: {number:,}",
    "gone": "{number:,} files are no longer there: no review",
    "applied": "{number:,} reviews stored; `avistar survey reviews {catalogue} --undo` takes the last step back",
    "not_applied": "nothing was stored: add --apply",
    "row": "row {number:,}: {reason}",
    "more_rows": "… and {number:,} more rows",
    "unlisted": "{number:,} rows name files that are not in the catalogue, such as {file}",
    "review": "{what}: {number:,}",
    "said": "{what}: {number:,} ({who})",
    "nobody": "nobody has reviewed anything yet",
    "turned_back": "{number:,} media are as before the last review",
    "imported": "{media:,} media taken in",
}
_ES = {
    "media": "{total:,} medios: {answered:,} identificados, {blank:,} vacíos, {failed:,} con fallo, "
    "{pending:,} en espera",
    "people": "{reviewed:,} revisados por personas, {vanished:,} ya no están en la carpeta",
    "origin": "{number:,} respondidos por {bundle} {precision}, {runs_on}",
    "written": "{media:,} medios guardados en {files}",
    "template": "rellene {files}; después: avistar survey export {catalogue} CARPETA --format camtrap-dp "
    "--deployments … --project …",
    "missing": "Camtrap DP necesita {number} datos que solo usted conoce; `avistar survey deployments-template` "
    "escribe los dos archivos que hay que rellenar:",
    "plan": "{files:,} archivos, {size}, a {root} ({how})",
    "more": "… y {number:,} carpetas más",
    "nothing_known": "{number:,} quedan fuera: no se sabe nada de ellos",
    "sorted_before": "{number:,} ya están ahí",
    "sorted_elsewhere": "{number:,} están ahí en la carpeta de otra especie: antes, `avistar survey undo`",
    "gone_files": "{number:,} quedan fuera: el archivo ya no está",
    "nothing": "no hay nada que hacer",
    "ask": "¿Seguir?",
    "ask_move": "Los originales saldrán de sus carpetas. ¿Seguir?",
    "not_done": "no se ha hecho nada: añada --yes",
    "sorted": "{placed:,} archivos colocados; `avistar survey undo {root}` lo deshace",
    "failure": "{file}: {reason}",
    "undone": "{restored:,} devueltos, {removed:,} quitados, {kept:,} se quedan",
    "correction": "{was} → {now}: {number:,}",
    "gone": "{number:,} archivos ya no están: sin revisión",
    "applied": "{number:,} revisiones guardadas; `avistar survey reviews {catalogue} --undo` deshace el último paso",
    "not_applied": "no se ha guardado nada: añada --apply",
    "row": "fila {number:,}: {reason}",
    "more_rows": "… y {number:,} filas más",
    "unlisted": "{number:,} filas nombran archivos que no están en el catálogo, como {file}",
    "review": "{what}: {number:,}",
    "said": "{what}: {number:,} ({who})",
    "nobody": "nadie ha revisado nada todavía",
    "turned_back": "{number:,} medios están como antes de la última revisión",
    "imported": "{media:,} medios incorporados",
}


def say(language: Language, key: str, **values: object) -> str:
    """The sentence called `key` in `language`."""
    return (_ES if language == "es" else _EN)[key].format(**values)

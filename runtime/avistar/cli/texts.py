"""What the command line says of pictures, in English and Spanish."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from avistar.species import inside_sentence

if TYPE_CHECKING:
    from avistar.classifier import Classifier
    from avistar.identification import Identification
    from avistar.species import Group, Language, Species

_EN = {
    "file": "File",
    "species": "Species",
    "confidence": "Confidence",
    "decision": "Decision",
    "pictures": "Pictures",
    "settled": "species",
    "group": "a {group}, probably {names}",
    "group_vowel": "an {group}, probably {names}",
    "or": " or ",
    "unfamiliar": "unknown: looks like none of the {count} species",
    "unsure": "unknown: could be several species",
    "off_list": "unknown: looks like a species that isn't on the list",
    "unknown": "unknown",
    "unsettled": "only the group: {group}",
    "failed": "not identified",
    "empty": "no animal",
    "incomplete": "the file is cut off",
    "first_frame": "first frame of an animation",
    "preview": "the camera's preview of a raw photo",
    "more_failures": "and {count} more",
    "none_in": "no pictures in {path}, looked into {folders}",
    "no_match": "nothing matches {path}",
    "unreadable": "can't look into {path} ({reason})",
    "unlisted": "Too many for a table; --out results.csv keeps one row for each picture",
    "closing": "{pictures} in {seconds} s ({rate}/s): {species} species, {group} group, {unknown} unknown, "
    "{failed} failed",
    "skipped": "{files} skipped",
    "written": "written to {path}",
    "interrupted": "interrupted after {done} of {total}",
    "left": "left",
    "bursts": "{bursts} answered together",
    "undetected": "the detector never saw {pictures}: identified as a whole",
    "live_opening": "waiting for the camera",
    "live_lost": "camera lost: {reason}; looking for it",
    "live_ended": "end of the video",
    "live_live": "waiting for a new picture",
    "live_closing": "{answers} answers in {seconds} s ({rate}/s), {kept} snapshots",
    "cluster_member": "{node} takes part: {what}",
    "cluster_refused": "{node} is refused: {reason}",
    "cluster_progress": "{done} of {listed} pictures, {rate}/s, {left} left, {failed} failed, {workers} workers",
    "cluster_interrupted": "interrupted: {done} pictures are answered in {out}; the same command goes on there",
    "cluster_closing": "{pictures} answered, {failed} of them failed; this time {seconds} s; written to {out}",
    "cluster_retried": "{retried} given to another worker, because theirs was lost",
    "cluster_given_up": "{given_up} ended every worker that read them",
    "changes": "{catalogue}: {new} new, {changed} changed, {moved} moved, {vanished} vanished, {known} as before; "
    "{pending} to identify",
    "stored": "{catalogue} holds {total}: {pending} to identify, {failed} failed, {reviewed} reviewed",
    "decided_again": "{number} decided again, under this run's thresholds and list of species",
    "other_model": "{number} in {catalogue} were answered by {others}, and this run would use {this}: say "
    "--other-model keep to leave those answers, or --other-model again to identify them again (what people said stays)",
}
_ES = {
    "file": "Archivo",
    "species": "Especie",
    "confidence": "Confianza",
    "decision": "Decisión",
    "pictures": "Imágenes",
    "settled": "especie",
    "group": "un {group}, probablemente {names}",
    "group_vowel": "un {group}, probablemente {names}",
    "or": " o ",
    "unfamiliar": "desconocido: no se parece a ninguna de las {count} especies",
    "unsure": "desconocido: podrían ser varias especies",
    "off_list": "desconocido: se parece a una especie que no está en la lista",
    "unknown": "desconocido",
    "unsettled": "solo el grupo: {group}",
    "failed": "sin identificar",
    "empty": "ningún animal",
    "incomplete": "el archivo está cortado",
    "first_frame": "primer cuadro de una animación",
    "preview": "la vista previa de una foto RAW",
    "more_failures": "y {count} más",
    "none_in": "no hay imágenes en {path}; se miró en {folders}",
    "no_match": "nada coincide con {path}",
    "unreadable": "no se puede leer la carpeta {path} ({reason})",
    "unlisted": "Demasiadas para una tabla; --out resultados.csv guarda una fila por imagen",
    "closing": "{pictures} en {seconds} s ({rate}/s): {species} con especie, {group} con grupo, "
    "{unknown} desconocidas, {failed} con fallo",
    "skipped": "{files} sin mirar",
    "written": "guardado en {path}",
    "interrupted": "interrumpido después de {done} de {total}",
    "left": "restante",
    "bursts": "{bursts} con respuesta conjunta",
    "undetected": "el detector no vio {pictures}: se identifican por entero",
    "live_opening": "esperando la cámara",
    "live_lost": "se perdió la cámara: {reason}; buscándola",
    "live_ended": "fin del vídeo",
    "live_live": "esperando una imagen nueva",
    "live_closing": "{answers} respuestas en {seconds} s ({rate}/s), {kept} capturas",
    "cluster_member": "{node} participa: {what}",
    "cluster_refused": "{node} queda fuera: {reason}",
    "cluster_progress": "{done} de {listed} imágenes, {rate}/s, quedan {left}, {failed} con fallo, {workers} procesos",
    "cluster_interrupted": "interrumpido: hay respuesta para {done} imágenes en {out}; la misma orden continúa ahí",
    "cluster_closing": "{pictures} con respuesta, {failed} de ellas con fallo; esta vez {seconds} s; guardado en {out}",
    "cluster_retried": "{retried} dadas a otro proceso, porque el suyo se perdió",
    "cluster_given_up": "{given_up} interrumpieron a todo proceso que las leyó",
    "changes": "{catalogue}: {new} nuevas, {changed} cambiadas, {moved} movidas, {vanished} desaparecidas, "
    "{known} como antes; {pending} por identificar",
    "stored": "{catalogue} contiene {total}: {pending} por identificar, {failed} con fallo, {reviewed} revisadas",
    "decided_again": "{number} decididas de nuevo, con los umbrales y la lista de especies de esta vez",
    "other_model": "{number} de {catalogue} tienen respuesta de {others}, y esta vez sería {this}: añada "
    "--other-model keep para conservarlas o --other-model again para identificarlas otra vez (lo que dijeron las "
    "personas se queda)",
}
_NOUNS: dict[Language, dict[str, tuple[str, str]]] = {
    "en": {
        "folders": ("folder", "folders"),
        "pictures": ("picture", "pictures"),
        "files": ("other file", "other files"),
        "bursts": ("burst", "bursts"),
    },
    "es": {
        "folders": ("carpeta", "carpetas"),
        "pictures": ("imagen", "imágenes"),
        "files": ("archivo de otro tipo", "archivos de otro tipo"),
        "bursts": ("ráfaga", "ráfagas"),
    },
}
_FAULTS_ES = {
    "missing": "no existe ese archivo",
    "unreadable": "no se puede abrir",
    "empty": "el archivo está vacío (0 bytes)",
    "not_an_image": "no es una imagen de un formato conocido (JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF)",
    "unsupported": "este tipo de imagen no se admite: guárdela como JPEG",
    "damaged": "demasiado dañada para leerla",
    "too_large": "demasiado grande",
    "too_small": "demasiado pequeña",
    "no_valid_answer": "el modelo no dio una respuesta válida",
    "crashed": "el programa que la lee se interrumpe",
}


def locale_language(environment: Mapping[str, str] = os.environ) -> Language:
    """Spanish where the environment (or, on Windows, the user's settings) asks for it, else English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(variable):
            return "es" if environment[variable].lower().startswith("es") else "en"
    name = (locale.getlocale()[0] or "").lower()
    return "es" if name.startswith(("es_", "spanish")) else "en"


@dataclass(frozen=True, slots=True)
class Sentences:
    """Everything that is said of pictures, in one language, with one model's species and groups."""

    language: Language
    species: Mapping[str, Species]
    groups: Mapping[str, Group]

    @classmethod
    def of(cls, classifier: Classifier, language: Language) -> Sentences:
        """Words for what `classifier` knows."""
        return cls(language, {one.id: one for one in classifier.species}, {one.id: one for one in classifier.groups})

    def say(self, key: str, **values: object) -> str:
        """The sentence called `key`."""
        return say(self.language, key, **values)

    def percent(self, share: float) -> str:
        """A share (0 to 1) for people; nothing short of certainty is rounded up to 100 %."""
        text = f"{min(100 * share, 99.9):.1f}"
        return f"{text.replace('.', ',')} %" if self.language == "es" else f"{text}%"

    def species_name(self, id: str) -> str:
        """A species' common name."""
        return self.species[id].name(self.language)

    def group_name(self, id: str) -> str:
        """A group's name."""
        return self.groups[id].name(self.language)

    def decision(self, answer: Identification) -> str:
        """What is decided of an answered picture: 'species', 'a canid, probably wolf or collie', 'unknown: …'."""
        decision = answer.decision
        if decision is None:
            return ""
        if decision.kind == "species":
            return self.say("settled")
        if decision.kind == "unknown":
            return self.say(decision.reason or "unsure", count=len(self.species))
        group = self.group_name(decision.id)
        names = self.say("or").join(self._in_a_sentence(one) for one in decision.candidates)
        text = self.say("group_vowel" if group[0] in "aeiou" else "group", group=group, names=names)
        return f"{text} ({self.percent(decision.confidence)})"

    def failure(self, answer: Identification) -> str:
        """Why a picture has no answer, without the file's name."""
        failure = answer.failure
        if failure is None:
            return ""
        if self.language == "es":
            return _FAULTS_ES[failure.fault.value]
        return failure.message.removeprefix(f"{answer.source}: ")

    def flags(self, answer: Identification) -> str:
        """What else there is to say of a picture: 'the file is cut off'."""
        return ", ".join(self.say(flag) for flag in answer.flags)

    def _in_a_sentence(self, id: str) -> str:
        return inside_sentence(self.species_name(id), self.language)


def say(language: Language, key: str, **values: object) -> str:
    """The sentence called `key` in `language`."""
    return (_ES if language == "es" else _EN)[key].format(**values)


def count(language: Language, key: str, number: int) -> str:
    """A number with its noun: '1 picture', '2 pictures'."""
    return f"{number:,} {_NOUNS[language][key][number != 1]}"

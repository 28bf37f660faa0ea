"""What `avistar teach` says, in English and Spanish."""

from __future__ import annotations

from avistar.species import Language

_EN = {
    "stock": "{name}: {photos:,} photos, {cameras:,} cameras or places{new}{lacking}",
    "new": ", new",
    "lacking": "; left out: {reason}",
    "looking at photos": "looking at photos",
    "learning": "learning",
    "here": "{photos:,} photos of this place, each kept apart once: top-1 {before:.1%} before, {after:.1%} now",
    "base": "{photos:,} untouched photos of the base: top-1 {before:.1%} before, {after:.1%} now; "
    "calibration error {error_before:.3f}, {error:.3f}",
    "unknown": "other animals told apart: area under ROC {before:.3f} before, {after:.3f} now",
    "species": "{name}: {after:.0%} of {judged:,} named (95 %: {low:.0%} to {high:.0%}), before {before:.0%}",
    "unjudged": "{name}: can't be judged: photos of one camera and day only",
    "gain": "chance that the gain on photos kept apart is none: {measured:.3g}, at most {allowed:.3g}",
    "known": "chance that known species lose nothing here: {measured:.3g}, more than {allowed:.3g}",
    "lost": "top-1 lost on the base's own species: {measured:.2%}, at most {allowed:.2%}",
    "strangers": "area lost in telling other animals: {measured:.3f}, at most {allowed:.3f}",
    "proof": "photos of known species to prove that nothing is lost: {measured:.0f}, at least {allowed:.0f}",
    "refused": "not better, so nothing was written",
    "advice": "what would help: {what}",
    "written": "{folder} is written: {species:,} species",
    "engines": "its engines have to be built anew: avistar export engine {folder}",
    "dry": "nothing was learned: leave out --plan",
}
_ES = {
    "stock": "{name}: {photos:,} fotos, {cameras:,} cámaras o lugares{new}{lacking}",
    "new": ", nueva",
    "lacking": "; queda fuera: {reason}",
    "looking at photos": "mirando fotos",
    "learning": "aprendiendo",
    "here": "{photos:,} fotos de este lugar, cada una apartada una vez: acierta {before:.1%} antes, {after:.1%} ahora",
    "base": "{photos:,} fotos no usadas del modelo base: acierta {before:.1%} antes, {after:.1%} ahora; "
    "error de calibración {error_before:.3f}, {error:.3f}",
    "unknown": "otros animales distinguidos: área bajo ROC {before:.3f} antes, {after:.3f} ahora",
    "species": "{name}: nombra {after:.0%} de {judged:,} (95 %: {low:.0%} a {high:.0%}), antes {before:.0%}",
    "unjudged": "{name}: no se puede juzgar: solo hay fotos de una cámara y un día",
    "gain": "probabilidad de que no haya mejora en las fotos apartadas: {measured:.3g}, como mucho {allowed:.3g}",
    "known": "probabilidad de que las especies conocidas no pierdan aquí: {measured:.3g}, más de {allowed:.3g}",
    "lost": "aciertos perdidos en las especies del modelo base: {measured:.2%}, como mucho {allowed:.2%}",
    "strangers": "área perdida al distinguir otros animales: {measured:.3f}, como mucho {allowed:.3f}",
    "proof": "fotos de especies conocidas para probar que no se pierde nada: {measured:.0f}, al menos {allowed:.0f}",
    "refused": "no es mejor, así que no se escribió nada",
    "advice": "qué ayudaría: {what}",
    "written": "{folder} está escrito: {species:,} especies",
    "engines": "hay que construir de nuevo sus motores: avistar export engine {folder}",
    "dry": "no se aprendió nada: quite --plan",
}


def say(language: Language, key: str, **values: object) -> str:
    """The sentence called `key` in `language`."""
    return (_ES if language == "es" else _EN)[key].format(**values)

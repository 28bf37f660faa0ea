from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar import UsageError
from avistar.formats.taxonomy import taxonomy_string
from avistar.species import Group, Species, known_groups, known_species


def parts(taxon: Species | Group, *groups: Group) -> str:
    """All but the id."""
    return taxonomy_string(taxon, groups).partition(";")[2]


SPECIES = {one.id: one for one in known_species()}
GROUPS = {one.id: one for one in known_groups()}


@pytest.mark.parametrize(
    ("taxon", "expected"),
    [
        (SPECIES["grizzly_bear"], "mammalia;carnivora;ursidae;ursus;arctos horribilis;grizzly bear"),
        (SPECIES["collie"], "mammalia;carnivora;canidae;canis;familiaris;collie"),
        (SPECIES["bat"], "mammalia;chiroptera;;;;bat"),
        (SPECIES["antelope"], "mammalia;cetartiodactyla;bovidae;antilopinae;;antelope"),
        (SPECIES["otter"], "mammalia;carnivora;mustelidae;lutrinae;;otter"),
        (SPECIES["weasel"], "mammalia;carnivora;mustelidae;mustela;;weasel"),
        (GROUPS["even_toed_ungulate"], "mammalia;cetartiodactyla;;;;even-toed ungulate"),
        (GROUPS["pinniped"], "mammalia;carnivora;pinnipedia;;;pinniped"),
        (Species("a", "Red fox", "", "Vulpes vulpes", ""), "mammalia;carnivora;canidae;vulpes;vulpes;red fox"),
        (Species("a", "Fox", "", "Vulpes sp.", ""), "mammalia;carnivora;canidae;vulpes;;fox"),
        (Species("a", "Thing", "", "Novus mirus", "canid"), "mammalia;carnivora;canidae;novus;mirus;thing"),
        (
            Species("a", "Hedgehog tenrec", "", "Setifer setosus", ""),
            "mammalia;afrosoricida;tenrecidae;setifer;setosus;hedgehog tenrec",
        ),
        (Species("a", "Blackbird", "", "Turdus merula", ""), "aves;passeriformes;turdidae;turdus;merula;blackbird"),
        (
            Species("a", "Fin whale", "", "Balaenoptera physalus", ""),
            "mammalia;cetacea;balaenopteridae;balaenoptera;physalus;fin whale",
        ),
        (Species("a", "Deer", "", "", "Cervidae"), "mammalia;cetartiodactyla;cervidae;;;deer"),
        (Species("a", "Old; big|badger", "", "", ""), ";;;;;old big badger"),
        (Species("a", "Nobody", "", "", "", "blank"), ";;;;;blank"),
    ],
)
def test_a_taxon_has_its_ranks_in_their_places(taxon: Species | Group, expected: str) -> None:
    assert parts(taxon) == expected


def test_another_bundles_groups_lead_up_to_their_class() -> None:
    groups = (Group("tits", "tits", "páridos", "Xyzidae", "songbirds"), Group("songbirds", "x", "x", "Passeriformes"))
    assert (
        parts(Species("tit", "Tit", "", "Xyzus major", "tits"), *groups) == "aves;passeriformes;xyzidae;xyzus;major;tit"
    )
    around = (Group("a", "a", "a", "", "b"), Group("b", "b", "b", "", "a"))
    assert parts(Species("tit", "Tit", "", "", "a"), *around) == ";;;;;tit"


def test_nothing_is_taken_for_an_unnamed_form_of_something_else() -> None:
    """MegaDetector's smoothing makes of a taxon any other whose ranks begin like its own."""
    ranks = {one.id: parts(one).rpartition(";")[0].strip(";") for one in known_species()}
    for id, own in ranks.items():
        assert [other for other, its in ranks.items() if its != own and own in its] == [], id


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_any_names_make_seven_parts_in_small_letters(english: str, scientific: str, group: str) -> None:
    try:
        species = Species("x", english, "", scientific, group)
    except UsageError:
        return
    text = taxonomy_string(species)
    assert len(text.split(";")) == 7
    assert "|" not in text
    assert text == text.lower()

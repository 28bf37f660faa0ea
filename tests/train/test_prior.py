import numpy as np
import pytest

from avistar import UsageError
from avistar.species import Species, species_known_as
from avistar_train.imagenet_classes import classes_of, read_map
from avistar_train.imagenet_head import prior_of, read_layer

NAMES = ["tench", "lynx", "bison", "water_buffalo"]


@pytest.fixture
def layer(tmp_path):
    rng = np.random.default_rng(0)
    arrays = {"kernel": rng.normal(size=(5, 4)).astype(np.float32), "bias": np.arange(4, dtype=np.float32)}
    np.savez(tmp_path / "layer.npz", names=np.array(NAMES), **arrays)
    return tmp_path / "layer.npz", arrays


def of(file, *ids):
    layer = read_layer(file, 5)
    return prior_of(layer, classes_of(species_known_as(ids), layer.names))


def named(english, scientific=""):
    return Species(english.lower().replace(" ", "_"), english, english, scientific, "")


def test_a_species_starts_from_the_mean_of_its_imagenet_classes(layer):
    file, arrays = layer
    prior = of(file, "bobcat", "buffalo", "mole")
    np.testing.assert_allclose(prior.kernel[:, 0], arrays["kernel"][:, 1])
    np.testing.assert_allclose(prior.kernel[:, 1], arrays["kernel"][:, 2:4].mean(axis=1))
    assert prior.bias.tolist() == [1.0, 2.5, 0.0]
    assert not prior.kernel[:, 2].any()


def test_the_other_classes_are_the_background(layer):
    file, arrays = layer
    prior = of(file, "bobcat", "buffalo", "mole")
    np.testing.assert_allclose(prior.other_kernel, arrays["kernel"][:, :1])


def test_a_layer_of_another_backbone_is_refused(layer, tmp_path):
    with pytest.raises(UsageError, match="this backbone needs"):
        read_layer(layer[0], 7)
    (tmp_path / "bad.npz").write_bytes(b"no archive")
    with pytest.raises(UsageError, match="no ImageNet layer"):
        read_layer(tmp_path / "bad.npz", 5)


THINGS = ["tench", "tiger_shark", "sea_lion", "timber_wolf", "red_fox", "grey_fox", "tiger_cat", "cougar", "lion",
          "tiger", "ice_bear", "zebra", "African_elephant", "Indian_elephant", "prairie_chicken"]  # fmt: skip


@pytest.mark.parametrize(
    ("species", "classes"),
    [
        (named("Tiger"), ["tiger"]),
        (named("Zebra"), ["zebra"]),
        (named("Plains zebra", "Equus quagga"), ["zebra"]),
        (named("Tigre", "Panthera tigris"), ["tiger"]),
        (named("Puma"), ["cougar"]),
        (named("Mountain lion"), ["cougar"]),
        (named("Polar bear"), ["ice_bear"]),
        (named("Lion"), ["lion"]),
        (named("Fox"), ["red_fox", "grey_fox"]),
        (named("Elephant"), ["African_elephant", "Indian_elephant"]),
        (named("Bengal tiger"), ["tiger"]),
        (named("Tamandua"), []),
    ],
)
def test_own_species_are_found_among_imagenets_classes_by_their_names(species, classes):
    assert classes_of([species], THINGS) == [classes]


def test_things_are_no_animals_for_their_names():
    names = ["tench", *(f"animal {i}" for i in range(397)), "crane", *(f"thing {i}" for i in range(601))]
    assert classes_of([named("Crane")], names) == [[]]


def test_what_the_user_says_counts_and_leaves_the_background(tmp_path):
    species = [named("Tiger"), named("Kanyu"), named("Fox")]
    (tmp_path / "map.csv").write_text("species,imagenet\nkanyu,tiger cat\nKanyu,Cougar\nfox,\n", "utf-8")
    said = read_map(tmp_path / "map.csv", species, THINGS)
    found = classes_of(species, THINGS, said)
    assert found == [["tiger"], ["tiger_cat", "cougar"], []]
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(5, len(THINGS))).astype(np.float32), np.zeros(len(THINGS), np.float32)
    np.savez(tmp_path / "layer.npz", kernel=kernel, bias=bias, names=np.array(THINGS))
    prior = prior_of(read_layer(tmp_path / "layer.npz", 5), found)
    background = [i for i, name in enumerate(THINGS) if name not in ("tiger", "tiger_cat", "cougar")]
    np.testing.assert_array_equal(prior.other_kernel, kernel[:, background])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("species,imagenet\nfox,redfoxx\n", "no class 'redfoxx'; near are red_fox"),
        ("species,imagenet\nwolf,red_fox\n", "'wolf' is none of the 1 species"),
        ("animal,class\nfox,red_fox\n", "needs the columns species and imagenet"),
    ],
)
def test_a_bad_map_is_refused_with_its_reason(tmp_path, text, message):
    (tmp_path / "map.csv").write_text(text, "utf-8")
    with pytest.raises(UsageError, match=message):
        read_map(tmp_path / "map.csv", [named("Fox")], THINGS)

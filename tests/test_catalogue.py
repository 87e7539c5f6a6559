import pytest

from chainrule import layers
from chainrule.catalogue import find_entries, find_layers, list_gallery, list_layers, make_page, read_gallery
from chainrule.errors import UserError


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("linear", layers.Linear),
        ("Dense", layers.Linear),
        ("crossentropy", layers.CrossEntropyLoss),
        ("cross-entropy", layers.CrossEntropyLoss),
        ("Cross_Entropy_Loss", layers.CrossEntropyLoss),
        ("layernorm", layers.LayerNorm),
        ("layer norm", layers.LayerNorm),
        ("batchnorm", layers.BatchNorm1d),
        ("BatchNorm1d", layers.BatchNorm1d),
        ("leaky_relu", layers.LeakyReLU),
        ("conv2d", layers.Conv2d),
        ("convolution", layers.Conv2d),
        ("pooling", layers.MaxPool2d),
        ("average pooling", layers.AvgPool2d),
        ("swish", layers.SiLU),
        ("mse", layers.MSELoss),
        ("softmax layer", layers.Softmax),
        ("log-softmax", layers.LogSoftmax),
    ],
)
def test_a_layer_is_found_in_every_usual_spelling(name, layer):
    assert find_layers(name)[0] is layer
    assert find_entries(name)[0].name == layer.__name__


def test_every_layer_is_found_by_its_own_name():
    for layer in list_layers():
        assert find_layers(layer.__name__) == [layer]


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("conv1d strided", "conv1d_strided"),
        ("cosine similarity", "cosine_similarity"),
        ("attention", "attention"),
        ("LogSumExp", "log_sum_exp"),
    ],
)
def test_programs_of_the_gallery_are_found_where_no_layer_has_the_name(name, program):
    (entry,) = find_entries(name)
    assert entry.name == program
    assert entry.wanted is None
    assert entry.title


def test_every_program_of_the_gallery_says_what_it_is():
    for path in list_gallery():
        entry = read_gallery(path)
        assert entry.title
        assert entry.title != path.stem


def test_an_unknown_name_is_answered_with_names_that_are_near():
    with pytest.raises(UserError, match=r"`sofmax` is none of the .* layers and .* did you mean Softmax"):
        find_entries("sofmax")
    with pytest.raises(UserError, match="known: Linear, "):
        find_entries("qqqq")


def test_a_layer_with_two_forms_has_two_entries_on_one_page():
    entries = find_entries("gelu")
    assert [entry.heading for entry in entries] == ["GELU", 'GELU, approximate="tanh"']
    page = make_page(entries)
    assert [chapter.variant for chapter in page.chapters] == ["", 'approximate="tanh"']
    assert page.letters == {"sample": "s", "feature": "n"}
    assert page.why.startswith("Each output depends on its own input alone")


def test_what_a_layer_does_not_state_is_not_wanted():
    (entry,) = find_entries("layernorm")
    assert entry.wanted == ("X", "weight", "bias")
    assert list(make_page([entry]).chapters[0].gradients) == ["X", "weight", "bias"]
    assert list(make_page([entry], ["eps"]).chapters[0].gradients) == ["eps"]

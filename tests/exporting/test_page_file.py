"""The page as a file: whole, closed, and refused where it could not be right."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from keras_vae.errors import ExportError
from keras_vae.exporting.html import page_html
from keras_vae.exporting.page_columns import column_for_page
from keras_vae.exporting.page_description import describe
from keras_vae.exporting.page_graph import operators, page_graph

onnx = pytest.importorskip("onnx", reason="pip install 'keras-vae[onnx]'")


def model_of(*nodes, constants=(), version=18, element=onnx.TensorProto.FLOAT):
    """An ONNX file from z to x, two numbers each."""
    ports = [onnx.helper.make_tensor_value_info(each, element, (None, 2)) for each in "zx"]
    graph = onnx.helper.make_graph(nodes, "decode", ports[:1], ports[1:], constants)
    opset = onnx.helper.make_opsetid("", version)
    return onnx.helper.make_model(graph, opset_imports=[opset]).SerializeToString()


class Elements(HTMLParser):
    """The elements of a page: what each is told, and the text in it."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self._is_open = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), []))
        self._is_open = True

    def handle_endtag(self, tag):
        self._is_open = False

    def handle_data(self, data):
        if self._is_open:
            self.found[-1][2].append(data)

    def texts(self, tag, **wanted):
        return [
            "".join(text)
            for name, told, text in self.found
            if name == tag and wanted.items() <= told.items()
        ]


@pytest.fixture(scope="module")
def description(blobs_run):
    return describe(blobs_run, blobs_run.model, blobs_run.data())


@pytest.fixture
def page(description):
    return page_html(model_of(onnx.helper.make_node("Relu", ["z"], ["x"])), description)


def test_nothing_in_it_leads_elsewhere(page):
    links = [told[each] for _, told, _ in Elements(page).found for each in ("src", "href") if each in told]
    assert links == ["#view"]
    assert (
        re.findall(
            r"https?://|@import|url\(|\bimport\b[ ({]|\bfetch\(|XMLHttpRequest|WebSocket|\beval\(", page
        )
        == []
    )


def test_its_policy_knows_its_script_and_its_style_and_nothing_else(page):
    elements = Elements(page)
    (policy,) = [told["content"] for _, told, _ in elements.found if told.get("http-equiv")]
    rules = dict(each.strip().split(" ", 1) for each in policy.split(";"))
    (script,) = [text for text in elements.texts("script") if '"use strict"' in text]
    (style,) = elements.texts("style")
    for kind, text in (("script-src", script), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[kind] == f"'sha256-{digest}'"
    assert rules["default-src"] == "'none'"


def test_the_weights_are_there_to_the_bit(description):
    weights = np.random.default_rng(0).normal(size=(2, 2)).astype("float32")
    constant = onnx.numpy_helper.from_array(weights, "w")
    node = onnx.helper.make_node("MatMul", ["z", "w"], ["x"])
    elements = Elements(page_html(model_of(node, constants=[constant]), description))
    (held,) = elements.texts("script", id="weights")
    assert base64.b64decode(held) == weights.tobytes()


def test_a_name_in_the_data_does_not_end_the_script(description):
    name = '</script><img src="x">{{weights}}'
    node = onnx.helper.make_node("Relu", ["z"], ["x"])
    elements = Elements(page_html(model_of(node), description | {"title": name}))
    assert not any(tag == "img" for tag, _, _ in elements.found)
    (about,) = elements.texts("script", id="about")
    assert json.loads(about)["title"] == name
    assert elements.texts("title") == [f"{name} · keras-vae"]


def test_what_the_page_cannot_compute_is_refused_by_name():
    nodes = [
        onnx.helper.make_node("Einsum", ["z", "z"], ["y"], equation="ab,ab->ab"),
        onnx.helper.make_node("Celu", ["y"], ["x"]),
    ]
    with pytest.raises(ExportError, match="cannot compute Celu, Einsum"):
        page_graph(model_of(*nodes))
    node = onnx.helper.make_node("Relu", ["z"], ["x"], domain="com.example")
    with pytest.raises(ExportError, match=r"com\.example\.Relu"):
        page_graph(model_of(node))


def test_other_numbers_options_and_sets_are_refused():
    node = onnx.helper.make_node("Relu", ["z"], ["x"])
    with pytest.raises(ExportError, match="float64 in z"):
        page_graph(model_of(node, element=onnx.TensorProto.DOUBLE))
    with pytest.raises(ExportError, match="Received: one of 9"):
        page_graph(model_of(node, version=9))
    cubic = onnx.helper.make_node("Resize", ["z", "", "s"], ["x"], mode="cubic")
    with pytest.raises(ExportError, match=r"nearest or linear\. Received: cubic"):
        page_graph(model_of(cubic))


def test_what_is_too_large_is_refused():
    constant = onnx.numpy_helper.from_array(np.zeros(2**24 + 1, "float32"), "w")
    node = onnx.helper.make_node("Add", ["z", "w"], ["x"])
    with pytest.raises(ExportError, match="more than 64 MB"):
        page_graph(model_of(node, constants=[constant]))


def test_a_decoder_with_other_inputs_than_the_model_has_conditions_is_refused(description):
    node = onnx.helper.make_node("Relu", ["z"], ["x"])
    conditions = [{"name": "label", "values": ["a", "b"]}]
    with pytest.raises(ExportError, match=r"take latents and label\. Received one that takes z"):
        page_html(model_of(node), description | {"conditions": conditions})


def test_every_operator_of_the_page_is_one_of_onnx():
    assert len(operators()) > 60
    assert [each for each in operators() if not onnx.defs.has(each)] == []


def test_a_run_is_described_as_it_is(description, blobs_run, blobs):
    codes = np.frombuffer(base64.b64decode(description["codes"]["values"]), "<f4").reshape(-1, 2)
    mean = blobs_run.model.encode(blobs.x_test).mean
    np.testing.assert_allclose(codes, mean, atol=1e-4)
    assert description["codes"]["labels"] == blobs.y_test.tolist()
    measures = [each["measure"] for each in description["units"]]
    assert measures == sorted(measures, reverse=True)
    assert description["draws"] is None
    json.dumps(description)


def test_codes_are_left_out_where_nobody_should_see_them(blobs_run):
    without = describe(blobs_run, blobs_run.model, blobs_run.data(), with_codes=False)
    assert without["codes"] is None


def test_a_prior_that_the_page_cannot_draw_from_is_drawn_from_beforehand(conditional_run, monkeypatch):
    from keras_vae.priors import ConditionalNormal

    model = conditional_run.model
    prior = ConditionalNormal(latent_dim=2, condition_width=model.conditions.width)
    prior.build()
    monkeypatch.setitem(vars(model), "prior", prior)
    draws = describe(conditional_run, model, conditional_run.data())["draws"]
    assert [each["given"] for each in draws] == [{}, *({"label": i} for i in range(4))]
    assert {len(base64.b64decode(each["values"])) for each in draws} == {512 * 2 * 4}


def test_columns_say_how_their_values_are_written(table_run):
    forms = {each.name: column_for_page(each)["form"] for each in table_run.schema.columns}
    assert forms == {
        "age": "whole",
        "height": "general",
        "weight": "general",
        "income": "general",
        "visits": "whole",
        "kind": "class",
        "smokes": "class",
        "born": "date",
    }

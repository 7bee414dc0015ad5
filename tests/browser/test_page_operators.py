"""Each operator of the exported page's interpreter gives what ONNX Runtime gives."""

import base64

import numpy as np
import pytest

from keras_vae.exporting.html import read
from keras_vae.exporting.inlining import inlined
from keras_vae.exporting.page_graph import operators, page_graph

onnx = pytest.importorskip("onnx", reason="pip install 'keras-vae[onnx]'")
onnxruntime = pytest.importorskip("onnxruntime", reason="pip install 'keras-vae[onnx]'")

ENTRY = """import { Network, floats64 } from "./network.js";
globalThis.computed = (graph, weights) => {
  const { type, dims, data } = new Network(graph, floats64(weights)).constants.get(graph.output);
  return { type, dims, data: Array.from(data, String) };
};
"""


def numbers(*shape, low=-2.0, high=2.0):
    """Always the same ones, none of them a float32 twice."""
    generator = np.random.default_rng(sum(shape))
    return generator.uniform(low, high, shape).astype("float32")


def whole(*values):
    return np.array(values, "int64")


def truths(*shape):
    return numbers(*shape) > 0


def case(operator, *inputs, output=0, outputs=1, **attributes):
    return pytest.param(operator, inputs, attributes, output, outputs, id=operator)


def each_of(operators, *inputs):
    return [case(operator, *inputs) for operator in operators.split()]


X, IMAGE = numbers(2, 3, 4), numbers(2, 4, 5, 6)
NONE, WAY = np.array([], "float32"), "coordinate_transformation_mode"
TIES = np.array([[1.0, 3.0, 3.0, -0.5], [2.5, 0.5, 1.5, 2.5]], "float32")
CASES = [
    *each_of("Abs Ceil Elu Erf Exp Floor Identity LeakyRelu LogSoftmax Neg Relu Shape Sigmoid Sign", X),
    *each_of("Size Softmax Softplus Tanh Transpose", X),
    *each_of("Log Reciprocal Sqrt", numbers(3, 5, low=0.01)),
    case("Erf", numbers(50, low=-7, high=7)),
    case("Atanh", numbers(7, low=-0.99, high=0.99)),
    case("Round", TIES),
    case("Not", truths(3, 4)),
    case("IsNaN", np.array([np.nan, 1.0, np.inf], "float32")),
    case("IsInf", np.array([np.nan, -np.inf, np.inf], "float32")),
    *each_of("Add Sub Mul Div Max Min Less Greater", X, numbers(3, 1)),
    *each_of("Equal GreaterOrEqual LessOrEqual", TIES, TIES[:, ::-1].copy()),
    *each_of("And Or Xor", truths(2, 3), truths(3)),
    case("Add", numbers(4), numbers(3, 1)),
    case("Mul", X, np.float32(3.0)),
    case("Div", whole(7, -7, 9), whole(2, 2, -4)),
    case("Mod", whole(7, -7, 9), whole(3, 3, -4)),
    case("Mod", X, numbers(4), fmod=1),
    case("Pow", numbers(3, 4, low=0.1), numbers(4)),
    case("Sum", X, numbers(4), numbers(1)),
    case("Where", truths(3, 1), X, numbers(4)),
    case("Clip", X, np.float32(-0.5), np.float32(0.7)),
    case("Clip", X, np.float32(-0.5)),
    case("Cast", X, to=onnx.TensorProto.INT64),
    case("Cast", whole(0, 2, -1), to=onnx.TensorProto.BOOL),
    case("Cast", truths(3, 2), to=onnx.TensorProto.FLOAT),
    case("MatMul", numbers(5, 7), numbers(7, 3)),
    case("MatMul", numbers(2, 1, 3, 4), numbers(5, 4, 6)),
    case("MatMul", numbers(4), numbers(2, 4, 3)),
    case("MatMul", numbers(2, 3, 4), numbers(4)),
    case("Gemm", numbers(3, 5), numbers(5, 2), numbers(2), alpha=0.5, beta=2.0),
    case("Gemm", numbers(5, 3), numbers(2, 5), transA=1, transB=1),
    case("Conv", IMAGE, numbers(3, 4, 3, 3), numbers(3), pads=[1, 0, 2, 1], strides=[2, 1]),
    case("Conv", IMAGE, numbers(3, 4, 2, 3), auto_pad="SAME_UPPER", strides=[3, 2]),
    case("Conv", IMAGE, numbers(3, 4, 2, 3), dilations=[2, 1], pads=[1, 1, 1, 1]),
    case("Conv", IMAGE, numbers(4, 2, 3, 3), group=2, auto_pad="SAME_LOWER", strides=[2, 2]),
    case("ConvTranspose", IMAGE, numbers(4, 3, 3, 3), numbers(3), strides=[2, 2], pads=[0, 0, 1, 1]),
    case("ConvTranspose", IMAGE, numbers(4, 2, 3, 3), group=2, output_padding=[1, 0], strides=[2, 3]),
    case("ConvTranspose", IMAGE, numbers(4, 2, 3, 3), dilations=[1, 2]),
    case("ConvTranspose", IMAGE, numbers(4, 3, 3, 3), strides=[2, 2], auto_pad="SAME_UPPER"),
    case("ConvTranspose", IMAGE, numbers(4, 3, 3, 3), strides=[2, 2], output_shape=[10, 12]),
    *each_of("ReduceMax ReduceMean ReduceMin ReduceProd ReduceL2", X, whole(-1, 0)),
    *each_of("ReduceLogSumExp ReduceSumSquare ReduceSum", X, whole(1)),
    case("ReduceSum", X, keepdims=0),
    case("ReduceSum", X, whole(), noop_with_empty_axes=1),
    case("Softmax", X, axis=1),
    case("LogSoftmax", X, axis=0),
    case("CumSum", X, np.int64(1), reverse=1),
    case("CumSum", X, np.int64(-1), exclusive=1),
    case("ArgMax", TIES, axis=1, keepdims=0),
    case("ArgMax", TIES, axis=-1, select_last_index=1),
    case("ArgMin", X, axis=1),
    case("TopK", TIES, whole(3), output=0, outputs=2),
    case("TopK", TIES, whole(3), output=1, outputs=2),
    case("TopK", X, whole(2), output=1, outputs=2, axis=1, largest=0),
    case("Reshape", X, whole(0, -1, 2)),
    case("Flatten", X, axis=2),
    case("Transpose", X, perm=[2, 0, 1]),
    case("Squeeze", numbers(1, 3, 1), whole(-1)),
    case("Squeeze", numbers(1, 3, 1)),
    case("Unsqueeze", X, whole(0, -1)),
    case("Concat", X, numbers(2, 1, 4), axis=-2),
    case("Slice", X, whole(1, -3), whole(2**62, -1), whole(0, 2)),
    case("Slice", X, whole(-1, 2), whole(-(2**62), 0), whole(2, 1), whole(-2, -1)),
    case("Split", X, whole(1, 3), axis=2, output=1, outputs=2),
    case("Split", numbers(5, 2), num_outputs=2, output=1, outputs=2),
    case("Gather", X, np.array([[0, -1], [1, 1]]), axis=1),
    case("Gather", X, np.int64(1)),
    case("GatherND", X, np.array([[0, 1], [1, -1]])),
    case("GatherND", X, np.array([[1], [2]]), batch_dims=1),
    case("OneHot", whole(1, -1, 5), np.int64(4), np.array([0.5, 2.0], "float32")),
    case("OneHot", np.array([[1, 0], [3, 2]]), np.int64(4), np.array([0.0, 1.0], "float32"), axis=1),
    case("Expand", numbers(3, 1), whole(2, 1, 4)),
    case("Tile", X, whole(1, 2, 3)),
    case("ConstantOfShape", whole(2, 3), value=onnx.numpy_helper.from_array(whole(7))),
    case("ConstantOfShape", whole(2)),
    case("Range", np.int64(9), np.int64(2), np.int64(-3)),
    case("Range", np.float32(0.5), np.float32(2.0), np.float32(0.5)),
    case("Pad", X, whole(0, 1, 0, 0, 2, 1), np.float32(9.0)),
    case("Pad", X, whole(1, 2), np.float32(0.0), whole(-1), mode="reflect"),
    case("Pad", X, whole(0, 0, 3, 0, 1, 0), mode="edge"),
    case("DepthToSpace", numbers(1, 8, 2, 3), blocksize=2),
    case("DepthToSpace", numbers(1, 8, 2, 3), blocksize=2, mode="CRD"),
    case("Resize", IMAGE, NONE, np.float32([1, 1, 2, 2])),
    case("Resize", IMAGE, NONE, np.float32([1, 1, 2, 1.5]), **{WAY: "asymmetric"}, nearest_mode="floor"),
    case("Resize", IMAGE, NONE, NONE, whole(2, 4, 9, 3), mode="linear"),
    case("Resize", IMAGE, NONE, NONE, whole(2, 4, 9, 11), mode="linear", **{WAY: "align_corners"}),
]


def test_every_operator_has_a_case():
    assert {each.values[0] for each in CASES} == operators()


@pytest.fixture(scope="module")
def interpreter(chromium):
    context = chromium.new_context()
    page = context.new_page()
    entry = "exporting/page/entry.js"
    page.add_script_tag(content=inlined(entry, lambda path: ENTRY if path == entry else read(path)))
    yield page
    context.close()


@pytest.mark.parametrize(("operator", "inputs", "attributes", "output", "outputs"), CASES)
def test_it_gives_what_onnx_runtime_gives(interpreter, operator, inputs, attributes, output, outputs):
    arrays = [np.asarray(each) for each in inputs]
    constants = [onnx.numpy_helper.from_array(each, f"i{i}") for i, each in enumerate(arrays)]
    names = [f"o{i}" for i in range(outputs)]
    node = onnx.helper.make_node(operator, [each.name for each in constants], names, **attributes)
    result = onnx.helper.make_empty_tensor_value_info(names[output])
    graph = onnx.helper.make_graph([node], "one", [], [result], constants)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=10)
    content = model.SerializeToString()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    (wanted,) = onnxruntime.InferenceSession(content, options).run(None, {})

    own, weights = page_graph(content)
    found = interpreter.evaluate(
        "([graph, weights]) => computed(graph, weights)", [own, base64.b64encode(weights).decode()]
    )
    kinds = {"int32": "iu", "bool": "b", "float32": "f"}
    assert wanted.dtype.kind in kinds[found["type"]]
    assert found["dims"] == list(wanted.shape)
    values = np.array([float(each) for each in found["data"]]).reshape(wanted.shape)
    np.testing.assert_allclose(values, wanted.astype("float64"), rtol=2e-5, atol=2e-6)

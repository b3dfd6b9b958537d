"""The tower starts from eyes that can already see: the OCR detector's weights, from its ONNX file into torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import UserError

if TYPE_CHECKING:
    import numpy as np

    from agent.vlm.tower import Backbone, ScreenTower

DETECTOR = "PP-OCRv6_det_small.onnx"


def detector_file() -> Path:
    """The detector inside the rapidocr package. Raises UserError EMPTY when this release has another one."""
    from importlib.util import find_spec

    found = find_spec("rapidocr")
    if found is None or not found.submodule_search_locations:
        raise UserError("rapidocr is not installed.\nInstall it: pip install 'rapidocr>=3.10,<4'", "EMPTY")
    file = Path(found.submodule_search_locations[0]) / "models" / DETECTOR
    if not file.is_file():
        raise UserError(f"rapidocr has no {DETECTOR}.\nInstall it: pip install 'rapidocr>=3.10,<4'", "EMPTY")
    return file


def port_detector() -> tuple[Backbone, dict[str, Any]]:
    """The detector's backbone in torch, with its weights, and the same weights as a state for `ScreenTower.backbone`.

    Needs the `onnx` package. Raises ValueError when the file does not hold the network we know.
    """
    import torch
    from torch import nn

    from agent.vlm.tower import Backbone, ScreenTowerConfig

    backbone = Backbone(ScreenTowerConfig())
    layers = [layer for layer in backbone.modules() if isinstance(layer, nn.Conv2d)]
    for layer, (weight, bias) in zip(layers, _convolutions(detector_file()), strict=False):
        assert layer.bias is not None
        if tuple(layer.weight.shape) != weight.shape or tuple(layer.bias.shape) != bias.shape:
            raise ValueError(f"a layer of {tuple(layer.weight.shape)} meets weights of {weight.shape}")
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weight.copy()))
            layer.bias.copy_(torch.from_numpy(bias.copy()))
    backbone.eval()
    return backbone, backbone.state_dict()


def ported_tower() -> ScreenTower:
    """A tower of the standard sizes that sees with the detector's backbone; its heads know nothing yet."""
    from agent.vlm.tower import ScreenTower, ScreenTowerConfig

    tower = ScreenTower(ScreenTowerConfig())
    tower.backbone.load_state_dict(port_detector()[1])
    return tower


def _convolutions(file: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weight and bias of the file's convolutions, in the order they run, up to the first without a bias: the neck."""
    import onnx

    graph = onnx.load(file).graph
    known = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            known[node.output[0]] = onnx.numpy_helper.to_array(node.attribute[0].t)
    added = {node.input[0]: node.input[1] for node in graph.node if node.op_type == "Add"}
    found = []
    for node in graph.node:
        if node.op_type == "Conv":
            bias = known.get(added.get(node.output[0], ""))
            if bias is None:
                break
            found.append((known[node.input[1]], bias.reshape(-1)))
    return found

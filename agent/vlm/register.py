"""The door of the dialogue model: after importing this file, the Auto classes of transformers know it."""

from __future__ import annotations

from transformers import AutoConfig, AutoImageProcessor, AutoModel, AutoModelForImageTextToText, AutoProcessor

from agent.vlm.config import DialogueConfig
from agent.vlm.dialogue import DialogueModel
from agent.vlm.reading import DialogueProcessor, ScreenPixels
from agent.vlm.tower import ScreenTower, ScreenTowerConfig

AutoConfig.register(ScreenTowerConfig.model_type, ScreenTowerConfig, exist_ok=True)
AutoModel.register(ScreenTowerConfig, ScreenTower, exist_ok=True)
AutoConfig.register(DialogueConfig.model_type, DialogueConfig, exist_ok=True)
AutoModel.register(DialogueConfig, DialogueModel, exist_ok=True)
AutoModelForImageTextToText.register(DialogueConfig, DialogueModel, exist_ok=True)
AutoImageProcessor.register(
    DialogueConfig, image_processor_classes={"pil": ScreenPixels, "torchvision": ScreenPixels}, exist_ok=True
)
AutoProcessor.register(DialogueConfig, DialogueProcessor, exist_ok=True)

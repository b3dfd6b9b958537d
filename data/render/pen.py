"""A pen that draws in logical pixels: smooth corners, wrapped words, shadows and a few icons."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from finetune.screens.colours import Colour, mixed

from .fonts import drawable, font
from .theme import Theme

TALL = 3_000  # logical pixels of canvas; what stays empty is cut off
SMOOTH = 4  # shapes are drawn so many times larger and made smaller


@lru_cache(maxsize=256)
def _rounded_mask(width: int, height: int, radius: int) -> Image.Image:
    mask = Image.new("L", (width * SMOOTH, height * SMOOTH), 0)
    box = (0, 0, width * SMOOTH - 1, height * SMOOTH - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius * SMOOTH, fill=255)
    return mask.resize((width, height), Image.Resampling.BOX)


class Pen:
    """Draws on one picture. All sizes given are logical; `scale` makes them pixels (2 on a phone)."""

    def __init__(self, width: float, height: float, theme: Theme, scale: float, paper: Colour | None = None) -> None:
        self.theme = theme
        self.scale = scale
        self.width, self.height = width, height
        size = self._px(width), self._px(height)
        self.image = Image.new("RGB", size, paper or theme.paper)
        self.draw = ImageDraw.Draw(self.image)

    def _px(self, value: float) -> int:
        return round(value * self.scale)

    def cropped(self, height: float) -> Image.Image:
        """The picture down to a height."""
        return self.image.crop((0, 0, self.image.width, min(self.image.height, self._px(height))))

    # --- words ---

    def font(self, size: float, weight: str = "regular", family: str | None = None) -> ImageFont.FreeTypeFont:
        """The theme's letters at a logical size."""
        return font(family or self.theme.family, weight, max(8, self._px(size)))

    def width_of(self, text: str, size: float, weight: str = "regular", family: str | None = None) -> float:
        """How wide the words will be."""
        return self.font(size, weight, family).getlength(drawable(text, family or self.theme.family)) / self.scale

    def wrap(
        self, text: str, width: float, size: float, weight: str = "regular", family: str | None = None
    ) -> list[str]:
        """The text in lines no wider than `width`, broken at spaces."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self.width_of(longer, size, weight, family) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 15,
        *,
        weight: str = "regular",
        colour: Colour | None = None,
        anchor: str = "la",
        family: str | None = None,
    ) -> float:
        """One line of words at a place (Pillow's anchors); gives back its right edge."""
        shown = drawable(text, family or self.theme.family)
        spot = self._px(x), self._px(y)
        face = self.font(size, weight, family)
        self.draw.text(spot, shown, font=face, fill=colour or self.theme.ink, anchor=anchor)
        return x + face.getlength(shown) / self.scale

    def paragraph(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        size: float = 15,
        *,
        weight: str = "regular",
        colour: Colour | None = None,
        centre: bool = False,
        leading: float = 1.42,
        family: str | None = None,
    ) -> float:
        """Wrapped words; gives back where the next thing may start."""
        for line in self.wrap(text, width, size, weight, family):
            if centre:
                self.text(x + width / 2, y, line, size, weight=weight, colour=colour, anchor="ma", family=family)
            else:
                self.text(x, y, line, size, weight=weight, colour=colour, family=family)
            y += size * leading
        return y

    # --- shapes ---

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: Colour,
        *,
        radius: float = 0,
        border: Colour | None = None,
        shadow: float = 0,
    ) -> None:
        """A rectangle with smooth corners, a hairline border and a soft shadow, as wished."""
        left, top, wide, high = (self._px(value) for value in (x, y, width, height))
        if wide < 1 or high < 1:
            return
        round_by = min(self._px(radius), wide // 2, high // 2)
        if shadow:
            self._shadow(left, top, wide, high, round_by, shadow)
        if border:
            self.image.paste(border, (left, top), _rounded_mask(wide, high, round_by))
            edge = max(1, self._px(1))
            left, top, wide, high = left + edge, top + edge, wide - 2 * edge, high - 2 * edge
            round_by = max(0, round_by - edge)
        self.image.paste(fill, (left, top), _rounded_mask(max(1, wide), max(1, high), round_by))

    def _shadow(self, left: int, top: int, wide: int, high: int, radius: int, strength: float) -> None:
        reach = self._px(14)
        mask = Image.new("L", (wide + 4 * reach, high + 4 * reach), 0)
        mask.paste(_rounded_mask(wide, high, radius), (2 * reach, 2 * reach + reach // 2))
        mask = mask.filter(ImageFilter.GaussianBlur(reach * 0.7)).point(lambda value: value * strength)
        self.image.paste((0, 0, 0), (left - 2 * reach, top - 2 * reach), mask)

    def circle(self, x: float, y: float, radius: float, fill: Colour, border: Colour | None = None) -> None:
        """A disc around a middle."""
        self.box(x - radius, y - radius, 2 * radius, 2 * radius, fill, radius=radius, border=border)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float = 0.8) -> None:
        """Light around a lamp, added to what is there."""
        reach = self._px(radius)
        light = Image.new("RGB", (4 * reach, 4 * reach))
        ImageDraw.Draw(light).ellipse((reach, reach, 3 * reach, 3 * reach), fill=mixed((0, 0, 0), colour, strength))
        light = light.filter(ImageFilter.GaussianBlur(reach * 0.55))
        spot = self._px(x) - 2 * reach, self._px(y) - 2 * reach
        below = self.image.crop((*spot, spot[0] + 4 * reach, spot[1] + 4 * reach))
        self.image.paste(ImageChops.screen(below, light), spot)

    def rule(self, x: float, y: float, width: float, colour: Colour | None = None) -> None:
        """A hairline."""
        thick = max(1, round(self.scale * 0.75))
        left, top = self._px(x), self._px(y)
        self.draw.rectangle((left, top, left + self._px(width), top + thick - 1), fill=colour or self.theme.line)

    def stroke(self, points: list[tuple[float, float]], colour: Colour, thick: float = 1.6) -> None:
        """A line through points with round ends, smooth."""
        edge = int(thick + 2)
        left, top = min(x for x, _ in points) - edge, min(y for _, y in points) - edge
        wide, high = max(x for x, _ in points) - left + edge, max(y for _, y in points) - top + edge
        factor = self.scale * SMOOTH
        mask = Image.new("L", (max(1, round(wide * factor)), max(1, round(high * factor))), 0)
        draw = ImageDraw.Draw(mask)
        spots = [((x - left) * factor, (y - top) * factor) for x, y in points]
        draw.line(spots, fill=255, width=max(1, round(thick * factor)), joint="curve")
        reach = thick * factor / 2
        for x, y in (spots[0], spots[-1]):
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
        mask = mask.resize((max(1, self._px(wide)), max(1, self._px(high))), Image.Resampling.BOX)
        self.image.paste(colour, (self._px(left), self._px(top)), mask)

    def polygon(self, points: list[tuple[float, float]], colour: Colour) -> None:
        """A filled shape with smooth edges."""
        left, top = min(x for x, _ in points), min(y for _, y in points)
        wide, high = max(x for x, _ in points) - left, max(y for _, y in points) - top
        factor = self.scale * SMOOTH
        mask = Image.new("L", (max(1, round(wide * factor)), max(1, round(high * factor))), 0)
        ImageDraw.Draw(mask).polygon([((x - left) * factor, (y - top) * factor) for x, y in points], fill=255)
        mask = mask.resize((max(1, self._px(wide)), max(1, self._px(high))), Image.Resampling.BOX)
        self.image.paste(colour, (self._px(left), self._px(top)), mask)

"""Memory of a decode worker on the largest allowed picture of every format and mode.

Run `python -m benchmarks.decode_memory [--pixels 39.9]` (millions). Prints the worker's peak memory, which must stay
below 512 MiB, and what came out: a picture, or `out_of_memory` as the reason. Exits with 1 where the limit is passed,
or a reason is missing. Takes some minutes, most of them to write the files.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from wethink_assets.decoding.process import Decoder, Request

MOST = 512
TURNED = Image.Exif()
TURNED[0x0112] = 6


def blocks(width: int, height: int, mode: str) -> Image.Image:
    """Random blocks: neither flat, which hides work, nor noise, which makes large files."""
    rng = np.random.default_rng(0)
    channels = len(Image.new(mode, (1, 1)).getbands())
    small = rng.integers(0, 256, (height // 8 + 1, width // 8 + 1, channels), dtype=np.uint8)
    large = np.repeat(np.repeat(small, 8, 0), 8, 1)[:height, :width]
    return Image.fromarray(np.ascontiguousarray(large[:, :, 0] if channels == 1 else large), mode)


def deep(width: int, height: int, kind: Any) -> Image.Image:
    return Image.fromarray(np.asarray(blocks(width, height, "L")).astype(kind) * 200)


def palette(width: int, height: int) -> Image.Image:
    image = Image.fromarray(np.asarray(blocks(width, height, "L")) % 64, "P")
    image.putpalette([v for n in range(64) for v in (n * 4, 255 - n * 4, n * 3)])
    return image


def noise(width: int, height: int) -> Image.Image:
    """What no format can make smaller."""
    rows = int(30_000_000 / width)
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (rows, width, 4), dtype=np.uint8), "RGBA")


CASES: dict[str, tuple[Callable[[int, int], Image.Image], str, dict[str, Any]]] = {
    "jpeg rgb turned": (lambda w, h: blocks(w, h, "RGB"), "JPEG", {"exif": TURNED}),
    "jpeg rgb progressive 4:4:4 turned": (
        lambda w, h: blocks(w, h, "RGB"),
        "JPEG",
        {"progressive": True, "subsampling": 0, "exif": TURNED},
    ),
    "jpeg cmyk turned": (lambda w, h: blocks(w, h, "CMYK"), "JPEG", {"exif": TURNED}),
    "jpeg cmyk progressive": (lambda w, h: blocks(w, h, "CMYK"), "JPEG", {"progressive": True}),
    "png rgba turned": (lambda w, h: blocks(w, h, "RGBA"), "PNG", {"compress_level": 1, "exif": TURNED}),
    "png rgba noise turned": (noise, "PNG", {"compress_level": 1, "exif": TURNED}),
    "png la turned": (lambda w, h: blocks(w, h, "LA"), "PNG", {"compress_level": 1, "exif": TURNED}),
    "png palette transparent turned": (palette, "PNG", {"compress_level": 1, "transparency": 3, "exif": TURNED}),
    "png 16 bit turned": (lambda w, h: deep(w, h, np.uint16), "PNG", {"compress_level": 1, "exif": TURNED}),
    "gif transparent": (palette, "GIF", {"transparency": 3}),
    "webp rgba": (lambda w, h: blocks(w, h, "RGBA"), "WEBP", {"quality": 50, "method": 0}),
    "webp rgba lossless": (lambda w, h: blocks(w, h, "RGBA"), "WEBP", {"lossless": True, "quality": 0, "method": 0}),
    "tiff float": (lambda w, h: deep(w, h, np.float32), "TIFF", {"compression": "tiff_deflate"}),
    "tiff cmyk": (lambda w, h: blocks(w, h, "CMYK"), "TIFF", {"compression": "tiff_deflate"}),
    "tiff rgba": (lambda w, h: blocks(w, h, "RGBA"), "TIFF", {"compression": "tiff_lzw"}),
    "bmp rgb": (lambda w, h: blocks(w, h, "RGB"), "BMP", {}),
    "ppm rgb": (lambda w, h: blocks(w, h, "RGB"), "PPM", {}),
    "jpeg 2000 rgb": (lambda w, h: blocks(w, h, "RGB"), "JPEG2000", {"quality_mode": "rates", "quality_layers": [50]}),
    "avif rgb": (lambda w, h: blocks(w, h, "RGB"), "AVIF", {"quality": 40, "speed": 10}),
    "avif rgba": (lambda w, h: blocks(w, h, "RGBA"), "AVIF", {"quality": 40, "speed": 10}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pixels", type=float, default=39.9, help="millions")
    options = parser.parse_args()
    width = 6400
    height = int(options.pixels * 1_000_000 / width)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, (make, kind, how) in CASES.items():
            path = Path(folder) / "picture"
            make(width, height).save(path, kind, **how)
            decoder = Decoder(thumbnail=96, limit_s=120)
            start = time.perf_counter()
            inspected = decoder.inspect(Request(name, path))
            seconds = time.perf_counter() - start
            status = Path(f"/proc/{decoder.pid}/status").read_text() if decoder.pid else "VmHWM: 0"
            decoder.close()
            peak = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))) >> 10
            fine = 0 < peak < MOST and (inspected.ok or inspected.reason == "out_of_memory")
            wrong += not fine
            result = (
                f"{inspected.width}x{inspected.height}"
                if inspected.ok
                else f"{inspected.reason}: {inspected.detail[:60]}"
            )
            print(
                f"{name:34} file {path.stat().st_size >> 20:4} MiB, peak {peak:4} MiB, {seconds:5.1f} s: {result}"
                f"{'' if fine else '  WRONG'}",
                flush=True,
            )
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()

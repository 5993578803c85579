"""From the bytes of any file to one correct RGB picture, or the reason why not.

Belongs here: formats, limits, orientation, colour modes. Does not belong here: processes and time limits
(decoding.py), hashes (hashing.py). Files are hostile: nothing is decoded before its size is known.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageFile, ImageOps

# Formats with memory-safe, in-process decoders; not EPS or PDF, which start other programs.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "JPEG2000", "AVIF", "PPM")  # MPO comes with JPEG
MAX_PIXELS = 40_000_000  # nine bytes a pixel are alive at worst: 360 MB
MAX_FILE_BYTES = 128 * 1024 * 1024
WHITE = (255, 255, 255)


class Undecodable(ValueError):
    """No picture came out. `reason` is a short code, the message one readable sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True)
class Decoded:
    """`format` is what the bytes are, whatever the file's name says."""

    image: Image.Image
    format: str

    @property
    def size(self) -> tuple[int, int]:
        return self.image.size


def decode(data: bytes) -> Decoded:
    """First frame, upright by EXIF, on white where transparent, as RGB.

    Raises:
        Undecodable: with reason empty_file, too_large_file, not_an_image, too_many_pixels, truncated,
            corrupt, unsupported or out_of_memory.
    """
    if not data:
        raise Undecodable("empty_file", "the file has no bytes")
    if len(data) > MAX_FILE_BYTES:
        raise Undecodable("too_large_file", f"{len(data)} bytes; at most {MAX_FILE_BYTES} are read")
    if ImageFile.LOAD_TRUNCATED_IMAGES:
        raise RuntimeError("Pillow is set to accept truncated images: half a picture would pass as a whole one")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = _open(data)
        width, height = image.size
        if width < 1 or height < 1:
            raise Undecodable("corrupt", f"the picture is {width}x{height} pixels")
        if width * height > MAX_PIXELS:
            raise Undecodable("too_many_pixels", f"{width}x{height} pixels; at most {MAX_PIXELS} are decoded")
        found = image.format or "unknown"
        try:
            image.load()
            return Decoded(_upright(_rgb(image), image), found)
        except MemoryError:
            raise Undecodable("out_of_memory", f"{width}x{height} pixels do not fit in memory") from None
        except OSError as error:
            reason = "truncated" if "truncated" in str(error).lower() else "corrupt"
            raise Undecodable(reason, _line(error)) from None
        except Undecodable:
            raise
        except Exception as error:  # decoders raise anything on hostile bytes: SyntaxError, struct.error, …
            raise Undecodable("corrupt", _line(error)) from None


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise Undecodable("too_many_pixels", _line(error)) from None
    except MemoryError:
        raise Undecodable("out_of_memory", "the header asks for more memory than there is") from None
    except Image.UnidentifiedImageError:
        kind = data[:4].hex(" ")
        raise Undecodable("not_an_image", f"the bytes begin {kind}: none of {', '.join(FORMATS)}") from None
    except Exception as error:
        raise Undecodable("corrupt", _line(error)) from None


def _rgb(image: Image.Image) -> Image.Image:
    mode = image.mode
    if mode == "RGB" and "transparency" not in image.info:
        return image
    if mode in ("I", "F") or mode.startswith("I;16"):
        return _from_deep(image)
    if mode == "LAB":
        return _from_lab(image)
    if mode in ("CMYK", "YCbCr", "HSV"):
        return image.convert("RGB")
    if mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layered = image if mode == "RGBA" else image.convert("RGBA")  # convert always copies
        flat = Image.new("RGB", layered.size, WHITE)
        flat.paste(layered, mask=layered.getchannel("A"))
        return flat
    if mode in ("1", "L", "P", "RGBX"):
        return image.convert("RGB")
    raise Undecodable("unsupported", f"colour mode {mode} is not supported")


def _from_deep(image: Image.Image) -> Image.Image:
    """16-bit integers keep their upper byte; 32-bit integers and floats are stretched over their own range."""
    import numpy as np

    values = np.asarray(image)
    if image.mode.startswith("I;16"):
        return Image.fromarray((values >> 8).astype(np.uint8), "L").convert("RGB")
    values = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if image.mode == "I" and 0 <= low and 255 < high <= 65535:
        low, high = 0.0, 65535.0  # how readers hand over 16-bit greyscale
    scaled = np.zeros_like(values) if high <= low else (values - low) * (255.0 / (high - low))
    return Image.fromarray(np.clip(scaled, 0, 255).astype(np.uint8), "L").convert("RGB")


def _from_lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms

    converted = ImageCms.profileToProfile(
        image, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    if converted is None:
        raise Undecodable("unsupported", "the Lab picture could not be converted")
    return converted


def _upright(picture: Image.Image, source: Image.Image) -> Image.Image:
    """Turn as the EXIF orientation of `source` says; broken EXIF turns nothing."""
    try:
        orientation = source.getexif().get(0x0112)
    except Exception:  # EXIF is decoration: a broken one is no reason to lose the picture
        return picture
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(orientation if isinstance(orientation, int) else 1)
    return picture.transpose(turn) if turn is not None else picture


def thumbnail(image: Image.Image, side: int) -> bytes:
    """JPEG bytes of a copy that fits into `side` x `side` pixels."""
    small = ImageOps.contain(image, (side, side)) if max(image.size) > side else image
    out = io.BytesIO()
    small.save(out, "JPEG", quality=70)
    return out.getvalue()


def _line(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:300]

"""Image decoding: from the bytes of any file to one correct RGB picture, or the reason why not.

Belongs here: formats, limits, orientation, colour modes: the one definition of the pixels that hashes, thumbnails,
model calls, training and exports see. Does not belong here: the depth of grey (depth.py), copies of what is sent
(pictures.py), processes and time limits (process.py), hashes (hashing.py). Files are hostile: nothing is decoded
before its size is known.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageFile

from wethink_assets.decoding.depth import is_deep, levels_of, to_grey

# Formats with memory-safe, in-process decoders; not EPS or PDF, which start other programs.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "JPEG2000", "AVIF", "PPM", "ICO")  # MPO comes with JPEG
MAX_PIXELS = 40_000_000
STRIP = 1_000_000  # pixels that are worked on at a time where a step makes copies
MAX_FILE_BYTES = 128 * 1024 * 1024
WHITE = (255, 255, 255)


class UndecodableError(ValueError):
    """No picture came out. `reason` is a short code, the message one readable sentence; `pixels` 0 where unknown."""

    def __init__(self, reason: str, detail: str, pixels: int = 0) -> None:
        super().__init__(detail)
        self.reason = reason
        self.pixels = pixels


# What every server and trainer reads as the same pixels: these formats in these modes, with nothing to turn or to see
# through. MPO is a JPEG whose further pictures no reader looks at.
PLAIN_FORMATS = ("JPEG", "MPO", "PNG", "WEBP")
PLAIN_MODES = ("RGB", "L", "1", "P")
ALPHA = ("RGBA", "LA")


@dataclass(frozen=True)
class Decoded:
    """`format` is what the bytes are, whatever the file's name says; `plain`: every reader gets these pixels of it."""

    image: Image.Image
    format: str
    plain: bool = False

    @property
    def size(self) -> tuple[int, int]:
        return self.image.size


def decode(file: bytes | io.BytesIO) -> Decoded:
    """First frame, upright by EXIF, on white where transparent, as RGB.

    A stream is closed as soon as the picture is out of it, so that file and copies are not in memory together.

    Raises:
        UndecodableError: with reason empty_file, too_large_file, not_an_image, too_many_pixels, truncated,
            corrupt, unsupported or out_of_memory.
    """
    stream = io.BytesIO(file) if isinstance(file, bytes) else file
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if not size:
        raise UndecodableError("empty_file", "the file has no bytes")
    if size > MAX_FILE_BYTES:
        raise UndecodableError("too_large_file", f"more than {MAX_FILE_BYTES} bytes, which is the most that is read")
    if ImageFile.LOAD_TRUNCATED_IMAGES:
        raise RuntimeError("Pillow is set to accept truncated images: half a picture would pass as a whole one")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = _open(stream)
        width, height = image.size
        if width < 1 or height < 1:
            raise UndecodableError("corrupt", f"the picture is {width}x{height} pixels")
        if width * height > MAX_PIXELS:
            raise UndecodableError("too_many_pixels", f"{width}x{height} pixels; at most {MAX_PIXELS} are decoded")
        format_name = image.format or "unknown"
        still = is_still(image)
        try:
            image.load()
            turn = _turn(image)
            plain = still and turn is None and (needs_no_ground(image) or _opaque(image))
            stream.close()
            picture = _rgb(image)
            del image  # with a second copy in a third shape the largest picture would not fit
            picture = picture if turn is None else picture.transpose(turn)
            picture.info = {}  # a profile of the file's own colours would go into copies and thumbnails
            return Decoded(picture, format_name, plain)
        except MemoryError:
            raise UndecodableError("out_of_memory", f"{width}x{height} pixels do not fit in memory") from None
        except OSError as error:
            reason = "truncated" if "truncated" in str(error).lower() else "corrupt"
            raise UndecodableError(reason, _line(error), width * height) from None
        except UndecodableError:
            raise
        except Exception as error:  # noqa: BLE001 - decoders raise anything on hostile bytes: struct.error, …
            raise UndecodableError("corrupt", _line(error), width * height) from None


def _open(stream: io.BytesIO) -> Image.Image:
    try:
        return Image.open(stream, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise UndecodableError("too_many_pixels", _line(error)) from None
    except MemoryError:
        raise UndecodableError("out_of_memory", "the header asks for more memory than there is") from None
    except Image.UnidentifiedImageError:
        stream.seek(0)
        kind = stream.read(4).hex(" ")
        raise UndecodableError("not_an_image", f"the bytes begin {kind}: none of {', '.join(FORMATS)}") from None
    except Exception as error:  # noqa: BLE001 - so do readers of headers
        raise UndecodableError("corrupt", _line(error)) from None


def is_still(image: Image.Image) -> bool:
    """Whether it is one picture in a format that every server takes."""
    if image.format not in PLAIN_FORMATS:
        return False
    return image.format == "MPO" or getattr(image, "n_frames", 1) == 1


def needs_no_ground(image: Image.Image) -> bool:
    """Whether its mode is one of eight bits, without transparency, that every reader turns into RGB in the same way."""
    return image.mode in PLAIN_MODES and "transparency" not in image.info


def _opaque(image: Image.Image) -> bool:
    """Whether there is nothing to see through: whoever drops such an alpha channel gets the same pixels."""
    if image.mode not in ALPHA:
        return False
    rows = max(1, STRIP // image.width)
    return all(_part(image, t, rows).getchannel("A").getextrema()[0] == 255 for t in range(0, image.height, rows))


def _rgb(image: Image.Image) -> Image.Image:
    mode = image.mode
    if mode == "RGB" and "transparency" not in image.info:
        return image
    if is_deep(mode):
        return _from_deep(image)
    if mode == "LAB":
        return _from_lab(image)
    if mode in ("CMYK", "YCbCr", "HSV"):
        return image.convert("RGB")
    if mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return _on_white(image)
    if mode in ("1", "L", "P", "RGBX"):
        return image.convert("RGB")
    raise UndecodableError("unsupported", f"colour mode {mode} is not supported")


def _on_white(image: Image.Image) -> Image.Image:
    flat = Image.new("RGB", image.size, WHITE)
    rows = max(1, STRIP // image.width)  # in strips: as a whole, up to three further copies would be alive
    clear = image.info.get("transparency")
    if (
        image.mode == "RGB" and isinstance(clear, tuple) and max(clear) > 255
    ):  # of 16 bits a channel, as the file has it
        image.info["transparency"] = tuple(value >> 8 for value in clear)
    for top in range(0, image.height, rows):
        part = _part(image, top, rows)
        layered = part if part.mode == "RGBA" else part.convert("RGBA")
        flat.paste(layered, (0, top), mask=layered.getchannel("A"))
    return flat


def _from_deep(image: Image.Image) -> Image.Image:
    """Deep grey by its levels, white where a PNG calls one grey transparent."""
    rows = max(1, STRIP // image.width)  # in strips: whole arrays of floats would take several times the picture
    tops = range(0, image.height, rows)
    levels = levels_of(image, (_part(image, top, rows) for top in tops))
    grey = Image.new("L", image.size)
    for top in tops:
        grey.paste(to_grey(_part(image, top, rows), levels), (0, top))
    return grey.convert("RGB")


def _part(image: Image.Image, top: int, rows: int) -> Image.Image:
    return image.crop((0, top, image.width, min(image.height, top + rows)))


def _from_lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms

    converted = ImageCms.profileToProfile(
        image, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    if converted is None:
        raise UndecodableError("unsupported", "the Lab picture could not be converted")
    return converted


def _turn(source: Image.Image) -> Image.Transpose | None:
    """The turn that the EXIF orientation asks for; broken EXIF turns nothing."""
    try:
        orientation = source.getexif().get(0x0112)
    except Exception:  # noqa: BLE001 - EXIF is decoration: a broken one is no reason to lose the picture
        return None
    return {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(orientation if isinstance(orientation, int) else 1)


def is_upright(image: Image.Image) -> bool:
    """Whether its EXIF asks for no turn."""
    return _turn(image) is None


def thumbnail(image: Image.Image, side: int) -> bytes:
    """JPEG bytes of a copy that fits into `side` x `side` pixels."""
    small = image
    if max(image.size) > side:
        width, height = (max(1, round(edge * side / max(image.size))) for edge in image.size)
        samples = min(2, max(image.size) // side)  # squared, a pixel: enough for a look, and the same time for any size
        small = image.resize((samples * width, samples * height), Image.Resampling.NEAREST).reduce(samples)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=70)
    return out.getvalue()


def raster(image: Image.Image, pixels: int) -> Image.Image:
    """A copy of at most that many pixels, in the same shape; the picture itself where it has no more."""
    shrink = min(1.0, (pixels / (image.width * image.height)) ** 0.5)
    if shrink == 1:
        return image
    size = (max(1, int(image.width * shrink)), max(1, int(image.height * shrink)))
    return image.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)


def _line(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:300]

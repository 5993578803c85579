"""Pictures by image id (a Dagster resource): the pixels that models see, wherever the image lies.

Belongs here: which picture an image has by its row, and its file or bytes. Does not belong here: what the pixels are
and how copies are made (decoding/), where originals lie (resources/image_files.py).
"""

from __future__ import annotations

import builtins
import threading
from collections.abc import Iterable
from typing import Any, NamedTuple

from pydantic import PrivateAttr

from resources.image_files import ImageFiles
from wethink_assets.decoding.picture_maker import PictureMaker
from wethink_assets.decoding.pictures import PictureFile


class _Row(NamedTuple):
    picture_id: str | None
    size: tuple[int, int]


class PictureFiles(ImageFiles):
    """Image files, and what is sent and trained on: the image itself, or its upright RGB copy."""

    _rows: dict[str, _Row] = PrivateAttr(default_factory=dict)
    _maker: PictureMaker | None = PrivateAttr(default=None)
    _making: Any = PrivateAttr(default_factory=threading.Lock)

    def prefetch(self, image_ids: Iterable[str], *, files: bool = False) -> None:
        ids = list(dict.fromkeys(image_ids))
        super().prefetch(ids, files=files)
        with self._making:
            unknown = [image_id for image_id in ids if image_id not in self._rows]
            for row in self.lake.rows("images/select_pictures", ids=unknown) if unknown else ():
                self._rows[row["image_id"]] = _Row(row["picture_id"], (row["width"], row["height"]))

    def picture(self, image_id: str) -> PictureFile:
        """The file that holds the picture of an image.

        Raises:
            FileNotFoundError: the image is gone, or no copy of it can be made.
        """
        path = self.path(image_id)
        row = self._rows.get(image_id)
        try:
            picture = self._pictures.of(image_id, path.read_bytes, row.picture_id if row else None)
        except FileNotFoundError:
            raise
        except OSError as error:
            why = str(error)
            if getattr(error, "reason", "") == "changed_since_taken":
                why = f"{path} changed since it was taken in: restore it, or materialise its source again"
            raise FileNotFoundError(why) from error
        if row is not None and row.picture_id is None:
            self._rows[image_id] = row._replace(picture_id=picture.sha256)
        return PictureFile(picture.path or path, picture.sha256, row.size if row else None)

    def picture_bytes(self, image_id: str) -> tuple[builtins.bytes, str]:
        """The bytes of the picture of an image, and their SHA-256.

        Raises:
            OSError: the image is gone, or no copy of it can be made.
        """
        self.prefetch([image_id])
        row = self._rows.get(image_id)
        return self._pictures.bytes_of(image_id, lambda: self.bytes(image_id), row.picture_id if row else None)

    @property
    def _pictures(self) -> PictureMaker:
        with self._making:
            if self._maker is None:
                settings = self.settings.get()
                self._maker = PictureMaker(settings.pictures_dir, limit_s=settings.images.limit_s)
            return self._maker

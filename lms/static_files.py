"""Static files under names that carry their hash, compressed once.

WhiteNoise would compress every file under both its names, source maps too, and all of them again at each deployment: three quarters of a
minute that nobody gains by.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what browsers fetch (hashed names) and has no compressed sibling yet; the same name is the same content."""
        hashed = set(self.hashed_files.values())
        return super().compress_files(
            path
            for path in paths
            if path in hashed
            and not path.endswith(".map")
            and not Path(self.path(f"{path}.gz")).exists()
        )

    def create_compressor(self, **options: Any) -> Compressor:
        """The demonstration does without Brotli: it is served on the same machine, and people wait for it to start."""
        return super().create_compressor(use_brotli=not settings.DEMO, **options)

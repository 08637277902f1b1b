"""A reader of QR codes up to version 6 in byte mode, for clean pictures: what a phone would read, without correcting anything."""

from collections.abc import Iterator

from PIL import Image

LEVELS = "MLHQ"  # as two bits number them
# By level, for the versions from 1 to 6: bytes of data, and into how many blocks they are dealt.
DATA = {
    "L": [(19, 1), (34, 1), (55, 1), (80, 1), (108, 1), (136, 2)],
    "M": [(16, 1), (28, 1), (44, 1), (64, 2), (86, 2), (108, 4)],
    "Q": [(13, 1), (22, 1), (34, 2), (48, 2), (62, 4), (76, 4)],
    "H": [(9, 1), (16, 1), (26, 2), (36, 4), (46, 4), (60, 4)],
}
MASKS = [
    lambda r, c: (r + c) % 2 == 0,
    lambda r, c: r % 2 == 0,
    lambda r, c: c % 3 == 0,
    lambda r, c: (r + c) % 3 == 0,
    lambda r, c: (r // 2 + c // 3) % 2 == 0,
    lambda r, c: r * c % 2 + r * c % 3 == 0,
    lambda r, c: (r * c % 2 + r * c % 3) % 2 == 0,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2 == 0,
]

Modules = list[list[bool]]


def read(picture: Image.Image) -> str:
    """What the code in a picture says that holds it and nothing else dark."""
    dark = picture.convert("L").point(lambda light: 255 * (light < 128))
    code = dark.crop(dark.getbbox())
    edge = [bool(code.getpixel((x, 2))) for x in range(code.width)]
    size = round(code.width / (edge.index(False) / 7))  # the corner's first row is seven wide
    step = code.width / size
    modules = [
        [bool(code.getpixel((int((c + 0.5) * step), int((r + 0.5) * step)))) for c in range(size)]
        for r in range(size)
    ]
    return _text(modules, (size - 17) // 4)


def _text(modules: Modules, version: int) -> str:
    about = int("".join(str(int(modules[8][c])) for c in range(5)), 2) ^ 0b10101
    bits = "".join(map(str, _bits(modules, version, MASKS[about & 7])))
    words = [int(bits[i : i + 8], 2) for i in range(0, len(bits) - 7, 8)]
    stream = "".join(
        f"{word:08b}" for word in _gathered(words, *DATA[LEVELS[about >> 3]][version - 1])
    )
    assert stream[:4] == "0100", "not in bytes"
    length = int(stream[4:12], 2)
    return bytes(int(stream[i : i + 8], 2) for i in range(12, 12 + 8 * length, 8)).decode()


def _gathered(words: list[int], data: int, blocks: int) -> list[int]:
    """The data of the blocks one after the other; some at the end are a byte longer."""
    short = data // blocks
    first = [words[block : short * blocks : blocks] for block in range(blocks)]
    longer = words[short * blocks : data]
    for block, word in zip(first[blocks - len(longer) :], longer, strict=True):
        block.append(word)
    return [word for block in first for word in block]


def _bits(modules: Modules, version: int, mask) -> Iterator[int]:
    """The data modules in their order: two columns at a time from the right, up and down."""
    size = len(modules)
    columns = [c for c in range(size - 1, 0, -1) if c > 6]
    columns = [*zip(columns[::2], columns[1::2], strict=True), (5, 4), (3, 2), (1, 0)]
    for turn, pair in enumerate(columns):
        rows = range(size - 1, -1, -1) if turn % 2 == 0 else range(size)
        for r in rows:
            for c in pair:
                if not _of_the_frame(r, c, size, version):
                    yield int(modules[r][c] ^ mask(r, c))


def _of_the_frame(r: int, c: int, size: int, version: int) -> bool:
    corners = (r < 9 and c < 9) or (r < 9 and c >= size - 8) or (r >= size - 8 and c < 9)
    aligning = version > 1 and abs(r - (size - 7)) <= 2 and abs(c - (size - 7)) <= 2
    return corners or aligning or r == 6 or c == 6

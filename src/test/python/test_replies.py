import random
import unittest

from daxtier_lmcache.replies import ConnectionLost, Reply, ReplyError, ReplyReader

PIECE_BYTES = 64 * 1024


class Pieces:
    """A source that gives one piece a call, as far as it is asked for, and then says that the peer has closed."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = [piece for piece in pieces if piece]
        self.asked = 0
        self.filled_bytes = 0

    def recv(self, size: int) -> bytes:
        self.asked += 1
        if not self._pieces:
            return b""
        piece = self._pieces.pop(0)
        if len(piece) > size:
            self._pieces.insert(0, piece[size:])
        return piece[:size]

    def recv_into(self, target: memoryview) -> int:
        data = self.recv(len(target))
        target[: len(data)] = data
        self.filled_bytes += len(data)
        return len(data)


def reader_of(*pieces: bytes, piece_bytes: int = PIECE_BYTES) -> ReplyReader:
    return ReplyReader(Pieces(*pieces), piece_bytes)


def plain(reply: Reply) -> object:
    """The reply with its errors as text, so that it can be compared."""
    if isinstance(reply, list):
        return [plain(item) for item in reply]
    return f"error: {reply}" if isinstance(reply, ReplyError) else reply


def read(stream: bytes, *cuts: int) -> list:
    """All replies of a stream that arrives in the pieces between the cuts."""
    bounds = [0, *cuts, len(stream)]
    reader = reader_of(*(stream[begin:end] for begin, end in zip(bounds, bounds[1:])))
    return plain(reader.replies(len(MANY)))


ONE_OF_EACH = (
    (b"+OK\r\n", b"OK"),
    (b"+\r\n", b""),
    (b"-ERR no\r\n", "error: ERR no"),
    (b":0\r\n", 0),
    (b":-9223372036854775808\r\n", -(2**63)),
    (b":+7\r\n", 7),
    (b"$3\r\nabc\r\n", b"abc"),
    (b"$0\r\n\r\n", b""),
    (b"$-1\r\n", None),
    (b"$2\r\n\r\n\r\n", b"\r\n"),
    (b"$1\r\n\r\r\n", b"\r"),
    (b"$9\r\n:1\r\n\r\n$-1\r\n", b":1\r\n\r\n$-1"),
    (b"*0\r\n", []),
    (b"*-1\r\n", None),
    (b"*2\r\n:1\r\n:0\r\n", [1, 0]),
    (b"*3\r\n*2\r\n:1\r\n$1\r\na\r\n-ERR in\r\n*1\r\n*0\r\n", [[1, b"a"], "error: ERR in", [[]]]),
    # RESP3
    (b"_\r\n", None),
    (b"#t\r\n", True),
    (b"#f\r\n", False),
    (b",-1.5\r\n", -1.5),
    (b",inf\r\n", float("inf")),
    (b"(123456789012345678901234567890\r\n", 123456789012345678901234567890),
    (b"!6\r\nERR\r\nx\r\n", "error: ERR\r\nx"),
    (b"=7\r\ntxt:a\r\n\r\n", b"a\r\n"),
    (b"~2\r\n:1\r\n_\r\n", [1, None]),
    (b"%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n", [b"a", 1, b"b", [2]]),
    (b">2\r\n+message\r\n:1\r\n:5\r\n", 5),
    (b"|1\r\n+ttl\r\n:9\r\n*1\r\n|1\r\n+a\r\n+b\r\n:6\r\n", [6]),
)  # fmt: skip

MANY = (
    (b"*3\r\n*4\r\n:0\r\n:12\r\n:34\r\n$4\r\nabcd\r\n$-1\r\n*4\r\n:1\r\n:5\r\n:6\r\n$4\r\n\r\nxy\r\n",
     [[0, 12, 34, b"abcd"], None, [1, 5, 6, b"\r\nxy"]]),
    (b"*2\r\n-ERR a\r\n$6\r\n\r\n\r\n\r\n\r\n", ["error: ERR a", b"\r\n\r\n\r\n"]),
    (b"+OK\r\n", b"OK"),
    (b"$5\r\na\r\rb\n\r\n", b"a\r\rb\n"),
    (b"*2\r\n:1\r\n:0\r\n", [1, 0]),
)  # fmt: skip
STREAM, REPLIES = b"".join(raw for raw, _ in MANY), [reply for _, reply in MANY]


class ReplyReaderTest(unittest.TestCase):
    def test_oneOfEach(self):
        for raw, expected in ONE_OF_EACH:
            with self.subTest(raw):
                (reply,) = reader_of(raw).replies(1)
                self.assertEqual((type(plain(reply)), plain(reply)), (type(expected), expected))

    def test_oneOfEach_keepsInStep_byteByByte(self):
        for raw, expected in ONE_OF_EACH:
            with self.subTest(raw):
                reader = reader_of(raw + b":1\r\n", piece_bytes=1)
                self.assertEqual(plain(reader.replies(1)), [expected])
                self.assertEqual(reader.replies(1), [1])

    def test_cutAnywhere(self):
        for cut in range(len(STREAM)):
            self.assertEqual(read(STREAM, cut), REPLIES, cut)

    def test_cutAnywhereTwice(self):
        for first in range(len(STREAM)):
            for second in range(first, min(first + 12, len(STREAM))):
                self.assertEqual(read(STREAM, first, second), REPLIES, (first, second))

    def test_byteByByte(self):
        self.assertEqual(read(STREAM, *range(1, len(STREAM))), REPLIES)

    def test_randomReplies_randomCuts(self):
        seed = random.randrange(2**32)
        chance = random.Random(seed)
        for _ in range(300):
            raw, expected = zip(*(_random_reply(chance, depth=3) for _ in MANY))
            stream = b"".join(raw)
            cuts = sorted(chance.randrange(len(stream)) for _ in range(chance.randrange(8)))
            self.assertEqual(read(stream, *cuts), list(expected), f"seed {seed}, {cuts}: {stream!r}")

    def test_receivesNoMoreThanItNeeds(self):
        source = Pieces(*(raw for raw, _ in MANY))
        reader = ReplyReader(source, PIECE_BYTES)
        for asked, (_, expected) in enumerate(MANY, start=1):
            self.assertEqual(plain(reader.replies(1)), [expected])
            self.assertEqual(source.asked, asked, "the next call would wait for bytes that nobody sends")

    def test_largeBatch(self):
        rows = [[0, n << 18, n, b"%016x" % n] if n % 3 else None for n in range(4096)]
        raw = b"*4096\r\n" + b"".join(
            b"$-1\r\n" if row is None else b"*4\r\n:%d\r\n:%d\r\n:%d\r\n$16\r\n%b\r\n" % tuple(row) for row in rows
        )
        for piece_bytes in (100, 16 * 1024, PIECE_BYTES):
            self.assertEqual(reader_of(raw, piece_bytes=piece_bytes).replies(1), [rows])

    def test_longStrings(self):
        for length in (PIECE_BYTES - 2, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 5 * PIECE_BYTES + 7):
            for data in (b"x" * length, (b"\r\n" * length)[:length], b"x" * (length - 1) + b"\r"):
                with self.subTest(length=length, data=data[:4]):
                    raw = b"*2\r\n$%d\r\n%b\r\n:1\r\n+OK\r\n" % (length, data)
                    self.assertEqual(reader_of(raw).replies(2), [[data, 1], b"OK"])

    # Values for the caller's memory

    def test_readInto_cutAnywhere(self):
        value = b"a\r\n\r\r\nb:1\r\n"
        raw = b"$%d\r\n%b\r\n" % (len(value), value) + STREAM
        for cut in range(len(raw)):
            reader = reader_of(raw[:cut], raw[cut:])
            target = bytearray(len(value))
            self.assertEqual(reader.line(), b"$%d" % len(value))
            reader.read_into(memoryview(target))
            self.assertEqual((target, reader.line()), (value, b""), cut)
            self.assertEqual(plain(reader.replies(len(MANY))), REPLIES, cut)

    def test_readInto_receivesStraightIntoTheTarget(self):
        value = random.Random(1).randbytes(PIECE_BYTES)
        source = Pieces(b"$%d\r\n" % len(value) + value, b"\r\n:1\r\n")
        reader, target = ReplyReader(source, 64), bytearray(len(value))
        reader.line()
        reader.read_into(memoryview(target))
        self.assertEqual(target, value)
        self.assertGreaterEqual(source.filled_bytes, len(value) - 64)
        self.assertEqual((reader.line(), reader.replies(1)), (b"", [1]))

    def test_readInto_nothing(self):
        reader = reader_of(b"$0\r\n\r\n:1\r\n")
        reader.line()
        reader.read_into(memoryview(bytearray()))
        self.assertEqual((reader.line(), reader.replies(1)), (b"", [1]))

    # Faults

    def test_closedAnywhere_isLost(self):
        for end in range(len(STREAM)):
            with self.subTest(end), self.assertRaisesRegex(ConnectionLost, "closed by the service"):
                read(STREAM[:end])

    def test_closedDuringAValue_isLost(self):
        reader = reader_of(b"$5\r\nabcd")
        reader.line()
        with self.assertRaisesRegex(ConnectionLost, "closed by the service"):
            reader.read_into(memoryview(bytearray(5)))

    def test_nonsense_isNamed(self):
        for line in (
            b"HTTP/1.1 400", b"", b"1", b":", b":x", b":1.5", b"$", b"$x", b"$?", b"*?", b"*x", b"#x",
            b",x", b"(x", b"=?", b".",
        ):  # fmt: skip
            for before in (b"", b"*2\r\n:1\r\n", b"%1\r\n"):
                with self.subTest(line, before=before), self.assertRaises(ConnectionLost) as lost:
                    reader_of(before + line + b"\r\n").replies(1)
                self.assertEqual(str(lost.exception), f"not a RESP reply: {line!r}")

    def test_stringOfAnotherLength_isNamed(self):
        for raw in (b"$3\r\nabcd\r\n", b"$3\r\nab\r\n\r\n", b"$3\r\na\r\nb\r\n", b"$0\r\na\r\n"):
            with self.subTest(raw), self.assertRaisesRegex(ConnectionLost, r"not a RESP reply: b'\$[03]'"):
                reader_of(raw + b":1\r\n").replies(1)

    def test_randomNonsense_isAReplyOrLost(self):
        seed = random.randrange(2**32)
        chance = random.Random(seed)
        for _ in range(5000):
            kinds = (bytes(chance.choices(b"+-:$*_#,(!=%~>|", k=1)) for _ in range(chance.randrange(1, 6)))
            stream = b"".join(kind + chance.choice((b"", b"-1", b"0", b"1", b"2", b"t")) + b"\r\n" for kind in kinds)
            with self.subTest(seed=seed, stream=stream):
                try:
                    reader_of(stream).replies(1)
                except ConnectionLost:
                    pass

    def test_impossibleSize_isLost(self):
        for raw, reason in (
            (b"$536870913\r\n", "bulk string of 536870913 bytes, at most 536870912"),
            (b"$-2\r\n", "bulk string of -2 bytes"),
            (b"*1048577\r\n", "array of 1048577 items, at most 1048576"),
            (b"*-2\r\n", "array of -2 items"),
            (b"%9999999999\r\n", "array of 9999999999 items"),
            (b"+" + b"x" * 2 * PIECE_BYTES, "line too long"),
            (b"*1\r\n" * 100_000, "nested too deeply"),
        ):
            with self.subTest(raw[:20]), self.assertRaisesRegex(ConnectionLost, reason):
                reader_of(raw).replies(1)


def _random_reply(chance: random.Random, depth: int) -> tuple[bytes, object]:
    """A reply and what it means."""
    kind = chance.randrange(7 if depth else 6)
    if kind == 0:
        number = chance.randrange(-(2**63), 2**63)
        return b":%d\r\n" % number, number
    if kind == 1:
        data = bytes(chance.choices(b"\r\n:$*a", k=chance.randrange(12)))
        return b"$%d\r\n%b\r\n" % (len(data), data), data
    if kind > 5:
        raw, items = [], []
        for _ in range(chance.randrange(5)):
            part, item = _random_reply(chance, depth - 1)
            raw.append(part)
            items.append(item)
        return b"*%d\r\n%b" % (len(items), b"".join(raw)), items
    return chance.choice(ONE_OF_EACH)


if __name__ == "__main__":
    unittest.main()

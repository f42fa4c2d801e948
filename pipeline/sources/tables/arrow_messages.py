"""The metadata of Arrow messages, read without pyarrow."""

from __future__ import annotations

import struct

SCHEMA, _DICTIONARY, _BATCH = 1, 2, 3


class Message:
    """The metadata of an Arrow message, in the encoding of FlatBuffers."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        root = self._number("<I", 0)
        self.kind = self._number("<B", self._field(root, 1))
        self.body = self._number("<q", self._field(root, 3))
        self.header = self._table(self._field(root, 2))

    def buffers(self) -> list[tuple[int, int]]:
        """Return place and length of each compressed buffer in the body; none if they are not compressed."""
        batch = self._table(self._field(self.header, 1)) if self.kind == _DICTIONARY else self.header
        if self.kind not in (_DICTIONARY, _BATCH) or not self._field(batch, 3):
            return []
        vector = self._table(self._field(batch, 2))
        count = self._number("<I", vector)
        return list(struct.iter_unpack("<qq", self.raw[vector + 4 : vector + 4 + 16 * count]))

    def _field(self, table: int, number: int) -> int:
        """Return the place of a table's field; 0 if it is not there."""
        directory = table - self._number("<i", table)
        at = 4 + 2 * number
        offset = self._number("<H", directory + at) if at < self._number("<H", directory) else 0
        return table + offset if offset else 0

    def _table(self, at: int) -> int:
        return at + self._number("<I", at) if at else 0

    def _number(self, form: str, at: int) -> int:
        if at < 0:
            raise struct.error("a place before the beginning")
        return int(struct.unpack_from(form, self.raw, at)[0])

"""The trained reader: question and passages → how relevant each passage is, and the spans that answer best.

A cross-encoder over the default encoder, trained by this project (docs/reader.md): the layers and heads that training changed are
shipped, the word embeddings are the encoder's own.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qa.encoder import BertEncoder, cores, on_all_cores, read_encoder
from qa.errors import ModelError
from qa.reader.spans import MAX_PIECES, Candidate, answerable, best_spans, reading_text
from qa.schema import Passage

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer
    from torch import Tensor

WEIGHTS = Path(__file__).resolve().parent.parent / "weights" / "reader.safetensors"
BODY = "body."
"""What the names of the layers begin with in a file of weights; the others are those of the heads."""

EACH = 2
"""Spans of a sentence or cell that are put forward."""


@dataclass(frozen=True, slots=True)
class Read:
    """What the network makes of a passage: log odds that it answers the question, and its spans, best first."""

    relevance: float
    spans: tuple[Candidate, ...]


class TrainedReader:
    """The network over the encoder in `folder`, with the weights of `file`; loaded when it is first asked.

    `precision` is "float32" or "bfloat16". Several threads can share it.
    """

    def __init__(self, folder: Path, file: Path = WEIGHTS, precision: str = "float32") -> None:
        self._folder = folder
        self._file = file
        self._precision = precision
        self._lock = threading.Lock()

    def read(self, pairs: Sequence[tuple[str, Passage]]) -> list[Read]:
        """One reading for each pair of question and passage, in their order.

        Raises ModelError where the weights cannot be used.
        """
        if not pairs:
            return []
        with self._lock:
            network = self._network
        texts = [reading_text(passage) for _, passage in pairs]
        encodings = self._tokenizer.encode_batch(
            [(question, text.text) for (question, _), text in zip(pairs, texts, strict=True)]
        )
        found: list[Read | None] = [None] * len(texts)

        def read(begin: int, end: int) -> int:
            for i, logits in enumerate(network(encodings[begin:end]), start=begin):
                allowed = answerable(encodings[i], texts[i].text_start)
                starts, ends = logits[1], logits[2]
                spans = best_spans(starts, ends, encodings[i].offsets, allowed, texts[i], EACH)
                found[i] = Read(float(logits[0]), tuple(spans))
            return end - begin

        size = -(-len(texts) // cores())
        for _ in on_all_cores(read, [(i, min(i + size, len(texts))) for i in range(0, len(texts), size)]):
            pass
        return [item for item in found if item is not None]

    @cached_property
    def _network(self) -> _Network:
        from safetensors.torch import load_file

        try:
            weights = load_file(self._file)
        except Exception as error:  # whatever the loader raises for a missing, short or damaged file
            raise ModelError(
                f"cannot load the reader's weights from {self._file}: {error}; install Verbatim anew"
            ) from error
        body = {name.removeprefix(BODY): value for name, value in weights.items() if name.startswith(BODY)}
        encoder = read_encoder(self._folder, self._precision, changed=body, longest=MAX_PIECES)
        if encoder is None:
            raise ModelError(f"the reader's weights in {self._file} do not fit the encoder in {self._folder}")
        try:
            return _Network(encoder, weights)
        except KeyError as error:
            raise ModelError(f"the reader's weights in {self._file} lack {error}; install Verbatim anew") from error

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return pair_tokenizer(self._folder)


class _Network:
    """Encoder and heads."""

    def __init__(self, encoder: BertEncoder, weights: dict[str, Tensor]) -> None:
        self._encoder = encoder
        self._span, self._inner, self._outer = (
            (weights[f"{name}.weight"].float(), weights[f"{name}.bias"].float())
            for name in ("span", "relevance.0", "relevance.2")
        )

    def __call__(self, encodings: Sequence[Encoding]) -> list[tuple[float, np.ndarray, np.ndarray]]:
        """Of each pair the log odds of relevance, and logits of begin and end, each of shape (pieces,)."""
        import torch
        from torch.nn.functional import linear

        found = []
        with torch.inference_mode():
            ids, types = [item.ids for item in encodings], [item.type_ids for item in encodings]
            for states in self._encoder.states(ids, types):
                relevance = linear(linear(states[0], *self._inner).tanh(), *self._outer)
                starts, ends = linear(states, *self._span).T.numpy()
                found.append((float(relevance), starts, ends))
        return found


def pair_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of the encoder in `folder`, cutting the end of the longer one where question and passage are too long."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_PIECES, strategy="longest_first")
    return tokenizer


def best_in(read: Read, start: int, end: int) -> Candidate | None:
    """The best span inside [start, end) of the document."""
    return next((span for span in read.spans if start <= span.start and span.end <= end), None)

"""The reader's network as it is trained: the default encoder's body with a span head and a relevance head.

What training changes is kept apart from the encoder: a file of weights holds the layers and heads, the word embeddings come from
the encoder. `qa.reader.trained` computes the same without the library that training needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from qa.errors import ModelError
from qa.reader.spans import answerable

if TYPE_CHECKING:
    from tokenizers import Encoding

NEVER = -1e4
"""Logit of a word piece that cannot begin or end an answer; small enough for bfloat16 and for sums."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Pairs of question and passage as the network takes them: each of shape (pairs, pieces).

    `words` marks the pieces of the passage that an answer may begin or end at; the first piece stands for "no answer here".
    """

    ids: Tensor
    mask: Tensor
    types: Tensor
    words: Tensor

    def to(self, device: str) -> Batch:
        """The batch on a device."""
        return Batch(self.ids.to(device), self.mask.to(device), self.types.to(device), self.words.to(device))


def collate(encodings: Sequence[Encoding], text_starts: Sequence[int]) -> Batch:
    """The batch of pairs; `text_starts[i]` is the first character of the second text that an answer may hold."""
    width = max(len(encoding.ids) for encoding in encodings)
    ids, mask, types, words = (torch.zeros((len(encodings), width), dtype=torch.long) for _ in range(4))
    for i, (encoding, text_start) in enumerate(zip(encodings, text_starts, strict=True)):
        size = len(encoding.ids)
        ids[i, :size] = torch.tensor(encoding.ids)
        mask[i, :size] = 1
        types[i, :size] = torch.tensor(encoding.type_ids)
        words[i, :size] = torch.from_numpy(answerable(encoding, text_start))
        words[i, 0] = 1
    return Batch(ids, mask, types, words.bool())


class SpanNetwork(nn.Module):
    """Logits of where the answer begins and ends, and of whether the passage answers at all."""

    def __init__(self, body: nn.Module, width: int) -> None:
        super().__init__()
        self.body = body
        self.span = nn.Linear(width, 2)
        self.relevance = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Start and end logits, shape (pairs, pieces), and relevance logits, shape (pairs,), in float32."""
        body: Any = self.body
        states = body(input_ids=batch.ids, attention_mask=batch.mask, token_type_ids=batch.types).last_hidden_state
        starts, ends = self.span(states).float().masked_fill(~batch.words[..., None], NEVER).unbind(-1)
        return starts, ends, self.relevance(states[:, 0]).float().squeeze(-1)

    def changed(self) -> dict[str, Tensor]:
        """What training changes: every weight but the embeddings, by name."""
        return {name: value for name, value in self.state_dict().items() if not name.startswith("body.embeddings.")}


def make_network(folder: Path, weights: Mapping[str, Tensor] | None = None) -> SpanNetwork:
    """The network over the encoder in `folder` (safetensors), with trained weights where they are given.

    Without weights the heads are new and random (torch's seed). Raises ModelError where encoder and weights do not fit.
    """
    from transformers import AutoModel

    try:
        body = AutoModel.from_pretrained(
            str(folder),
            dtype=torch.float32,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            add_pooling_layer=False,
        )
    except Exception as error:  # whatever a foreign loader raises
        raise ModelError(f"cannot load the encoder of the reader from {folder}: {error}") from error
    network = SpanNetwork(body, int(body.config.hidden_size))
    if weights is not None:
        expected = network.changed()
        wrong = sorted(
            name
            for name in expected.keys() | weights.keys()
            if name not in expected or name not in weights or expected[name].shape != weights[name].shape
        )
        if wrong:
            raise ModelError(f"the reader's weights do not fit the encoder in {folder}: {', '.join(wrong[:3])}")
        network.load_state_dict({name: value.float() for name, value in weights.items()}, strict=False)
    return network.eval()

"""A small cross-encoder: does this sentence answer this question?

It is the body of the default encoder with a linear head on [first token; mean of all tokens], trained on pairs of questions
and sentences (benchmarks/train_relevance.py, docs/relevance.md). Only the layers that training changed are shipped.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qa.errors import ModelError

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

WEIGHTS = Path(__file__).resolve().parent.parent / "weights" / "relevance.safetensors"
MAX_PIECES = 128
"""Word pieces of question, sentence and context together; what is longer is cut at the end."""

Encoded = tuple[list[int], list[int]]


def pair_text(question: str, sentence: str, context: str) -> tuple[str, str]:
    """The two segments that the model reads: the question; the sentence with what stands around it behind a bar."""
    return question, f"{sentence} | {context}" if context else sentence


class RelevanceModel:
    """Scores pairs; `body` is a BERT encoder whose upper layers are those that training gave."""

    def __init__(self, tokenizer: Tokenizer, network: torch.nn.Module) -> None:
        self._tokenizer = tokenizer
        self.network = network
        self._lock = threading.Lock()

    @classmethod
    def untrained(cls, tokenizer: Tokenizer, body: Any) -> RelevanceModel:
        """The encoder with a head of zeros, ready to be trained."""
        import torch

        head = torch.nn.Linear(2 * body.config.hidden_size, 1)
        torch.nn.init.zeros_(head.weight)
        torch.nn.init.zeros_(head.bias)
        return cls(tokenizer, torch.nn.ModuleDict({"body": body, "head": head}))

    @classmethod
    def load(cls, tokenizer: Tokenizer, body: Any, path: Path = WEIGHTS) -> RelevanceModel:
        """The trained model: the encoder's own weights with those of the file laid over them.

        Raises ModelError where the file is missing or does not fit the encoder.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        model = cls.untrained(tokenizer, body)
        try:
            changed = load_file(path)
        except (OSError, SafetensorError) as error:
            raise ModelError(
                f"{path}: the relevance model cannot be read ({error}); get it anew with the project"
            ) from error
        dtype = next(body.parameters()).dtype
        missing, unknown = model.network.load_state_dict({k: v.to(dtype) for k, v in changed.items()}, strict=False)
        if unknown or "head.weight" in missing:
            raise ModelError(f"{path}: not made for this encoder: unknown {unknown[:3]}")
        model.network.to(dtype)
        model.network.eval()
        return model

    def save(self, path: Path) -> None:
        """Write what training may have changed, in bfloat16."""
        import torch
        from safetensors.torch import save_file

        changed = {
            n: p.detach().to(torch.bfloat16).contiguous() for n, p in self.network.named_parameters() if p.requires_grad
        }
        save_file(changed, path)

    def train_only(self, lowest_frozen: int) -> list[torch.nn.Parameter]:
        """Freeze the embeddings and the lowest layers; returns the parameters that are left to be trained."""
        for name, parameter in self.network.named_parameters():
            frozen = name.startswith(("body.embeddings", "body.pooler")) or any(
                name.startswith(f"body.encoder.layer.{i}.") for i in range(lowest_frozen)
            )
            parameter.requires_grad = not frozen
        return [parameter for parameter in self.network.parameters() if parameter.requires_grad]

    def encode(self, pairs: Sequence[tuple[str, str]]) -> list[Encoded]:
        """Word pieces and segment numbers of each pair, at most MAX_PIECES."""
        with self._lock:
            found = self._tokenizer.encode_batch(list(pairs))
        return [(encoding.ids[:MAX_PIECES], encoding.type_ids[:MAX_PIECES]) for encoding in found]

    def logits(self, batch: Sequence[Encoded]) -> torch.Tensor:
        """Log odds that each sentence answers, shape (len(batch),)."""
        import torch

        width = max(len(ids) for ids, _ in batch)
        ids = torch.zeros((len(batch), width), dtype=torch.long)
        types = torch.zeros((len(batch), width), dtype=torch.long)
        mask = torch.zeros((len(batch), width), dtype=torch.long)
        for i, (pieces, segments) in enumerate(batch):
            ids[i, : len(pieces)] = torch.tensor(pieces)
            types[i, : len(pieces)] = torch.tensor(segments)
            mask[i, : len(pieces)] = 1
        body, head = self.network["body"], self.network["head"]  # type: ignore[index]
        states = body(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1)
        result: torch.Tensor = head(torch.cat([states[:, 0], mean], dim=1)).squeeze(-1)
        return result

    def score(self, question: str, sentences: Sequence[tuple[str, str]], batch: int = 16) -> NDArray[np.float32]:
        """Log odds that each (sentence, context) answers the question, shape (len(sentences),)."""
        import torch

        encoded = self.encode([pair_text(question, sentence, context) for sentence, context in sentences])
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i][0]))
        scores = np.zeros(len(encoded), np.float32)
        with self._lock, torch.inference_mode():
            for begin in range(0, len(order), batch):
                rows = order[begin : begin + batch]
                scores[rows] = self.logits([encoded[i] for i in rows]).float().numpy()
        return scores

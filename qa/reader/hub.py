"""Another extractive reader in the place of this project's own network: any question-answering model of the transformers library.

Such a model has no head for relevance: the log odds of its best span against "no answer here" stand for it, as models mean it
that were trained on questions without an answer (SQuAD 2.0).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from qa.errors import ModelError
from qa.reader.spans import answerable, best_spans, reading_text
from qa.reader.trained import EACH, Read
from qa.schema import Passage

LONGEST = 512
"""Word pieces of question and passage that are read at the most."""

TOGETHER = 8
"""Pairs that are read at once."""


class HubReader:
    """The model of that name: a folder, or a name of the hub whose files are there already or can be fetched.

    It is loaded when it is first asked, from safetensors and without code of its own. Several threads can share it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()

    def read(self, pairs: Sequence[tuple[str, Passage]]) -> list[Read]:
        """One reading for each pair of question and passage, in their order. Raises ModelError where the model cannot be used."""
        found: list[Read] = []
        with self._lock:
            for begin in range(0, len(pairs), TOGETHER):
                found += self._read(pairs[begin : begin + TOGETHER])
        return found

    def _read(self, pairs: Sequence[tuple[str, Passage]]) -> list[Read]:
        import torch

        tokenizer, model = self._loaded
        texts = [replace(reading_text(passage), runs=()) for _, passage in pairs]  # such models point at no lists
        batch = tokenizer(
            [question for question, _ in pairs],
            [text.text for text in texts],
            truncation="longest_first",
            max_length=min(LONGEST, tokenizer.model_max_length),
            padding=True,
            return_tensors="pt",
        )
        with torch.inference_mode():
            output = model(**batch)
        found = []
        for i, text in enumerate(texts):
            encoding = batch.encodings[i]
            offsets = [_without_blank(text.text, start, end) for start, end in encoding.offsets]
            starts, ends = (logits[i].float().numpy() for logits in (output.start_logits, output.end_logits))
            spans = best_spans(starts, ends, offsets, answerable(encoding, text.text_start), text, EACH)
            found.append(Read(spans[0].score if spans else float(-starts[0] - ends[0]), tuple(spans)))
        return found

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        try:
            tokenizer = AutoTokenizer.from_pretrained(self.name, trust_remote_code=False)
            model = AutoModelForQuestionAnswering.from_pretrained(
                self.name, trust_remote_code=False, use_safetensors=True
            )
        except Exception as error:  # whatever a foreign loader raises
            said = (str(error) or repr(error)).splitlines()[0]
            raise ModelError(
                f"cannot load the reader {self.name}: {said}; give --reader a folder or a name of a question-answering model "
                "in safetensors, or leave it out for the one of this project"
            ) from error
        if not tokenizer.is_fast:
            raise ModelError(
                f"the reader {self.name} has no fast tokenizer, which tells where words stand: take another"
            )
        return tokenizer, model.eval()


def _without_blank(text: str, start: int, end: int) -> tuple[int, int]:
    """The place of a piece without white space at its head, which SentencePiece counts to it: it may be before the sentence."""
    return end - len(text[start:end].lstrip()), end

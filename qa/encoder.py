"""The forward pass of a plain BERT encoder, over texts that are set end to end.

Texts of a group share the products with the weights, and each attends to itself alone, so that nothing is padded or masked.
Only torch is imported: the libraries that such models come from take longer to import than a hundred passages to embed.
Other architectures, training and pooling are not here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

# For each length of text torch's oneDNN keeps what it has prepared, by default a thousand of them: 600 MiB after some hundred
# questions. It reads this when it is first used.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")

_PLAIN = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "position_embedding_type": "absolute",
    "is_decoder": False,
    "add_cross_attention": False,
}
"""What the configuration must say, or leave to the default, which is the same."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """Weight and bias of each product and each normalisation of a layer, in the order in which they are used."""

    inner: tuple[Tensor, Tensor]
    """Queries, keys and values in one product."""
    joined: tuple[Tensor, Tensor]
    attended: tuple[Tensor, Tensor]
    wide: tuple[Tensor, Tensor]
    narrow: tuple[Tensor, Tensor]
    passed: tuple[Tensor, Tensor]


class BertEncoder:
    """Word pieces → states; weights are only read, so that several threads can share it.

    `precision` names the torch type of the products; embeddings are looked up and normalised in float32.
    """

    def __init__(self, config: dict[str, Any], weights: dict[str, Tensor], precision: str, longest: int) -> None:
        import torch

        self._type = getattr(torch, precision)
        self._heads = int(config.get("num_attention_heads", 12))
        self._epsilon = float(config.get("layer_norm_eps", 1e-12))
        self._words = weights["embeddings.word_embeddings.weight"].float()
        self._places = weights["embeddings.position_embeddings.weight"].float()
        self._types = weights["embeddings.token_type_embeddings.weight"].float()
        self._first = tuple(weights[f"embeddings.LayerNorm.{part}"].float() for part in ("weight", "bias"))
        self._layers = [self._layer(weights, i) for i in range(int(config.get("num_hidden_layers", 12)))]
        self.dimension = int(self._words.shape[1])
        self.longest = min(longest, len(self._places))
        """Word pieces of a text, with the marks around it."""

    def _layer(self, weights: dict[str, Tensor], number: int) -> _Layer:
        import torch

        def pair(name: str) -> tuple[Tensor, Tensor]:
            place = f"encoder.layer.{number}.{name}"
            return weights[f"{place}.weight"].to(self._type), weights[f"{place}.bias"].to(self._type)

        each = [pair(f"attention.self.{name}") for name in ("query", "key", "value")]
        inner = torch.cat([weight for weight, _ in each]), torch.cat([bias for _, bias in each])
        return _Layer(
            inner,
            joined=pair("attention.output.dense"),
            attended=pair("attention.output.LayerNorm"),
            wide=pair("intermediate.dense"),
            narrow=pair("output.dense"),
            passed=pair("output.LayerNorm"),
        )

    def states(self, texts: Sequence[Sequence[int]], types: Sequence[Sequence[int]] | None = None) -> list[Tensor]:
        """The last states of each text, float32, shape (word pieces, dimension); a text has at most `longest` pieces.

        `types` tells for each piece whether it is of the first text of a pair (0) or of the second (1); without them all are 0.
        Runs on as many threads as torch is set to in the thread that calls.
        """
        import torch
        from torch.nn import functional

        with torch.inference_mode():
            lengths = [len(text) for text in texts]
            pieces = torch.tensor([piece for text in texts for piece in text])
            hidden = functional.embedding(pieces, self._words)
            hidden += torch.cat([self._places[:length] for length in lengths])
            hidden += self._types[0] if types is None else self._types[[kind for text in types for kind in text]]
            hidden = self._normal(hidden, *self._first).to(self._type)
            for layer in self._layers:
                seen = self._attend(functional.linear(hidden, *layer.inner), lengths)
                hidden = self._normal(functional.linear(seen, *layer.joined).add_(hidden), *layer.attended)
                wide = functional.gelu(functional.linear(hidden, *layer.wide))
                hidden = self._normal(functional.linear(wide, *layer.narrow).add_(hidden), *layer.passed)
            return list(torch.split(hidden.float(), lengths))

    def _attend(self, inner: Tensor, lengths: list[int]) -> Tensor:
        """Each text's pieces looking at each other; `inner` has shape (pieces of all, 3 * dimension)."""
        import torch
        from torch.nn.functional import scaled_dot_product_attention

        seen = []
        for part in torch.split(inner, lengths):
            query, key, value = part.view(1, len(part), 3, self._heads, -1).permute(2, 0, 3, 1, 4)
            joined = scaled_dot_product_attention(query, key, value)
            seen.append(joined[0].transpose(0, 1).reshape(len(part), -1))
        return torch.cat(seen)

    def _normal(self, hidden: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        from torch.nn.functional import layer_norm

        return layer_norm(hidden, (self.dimension,), weight, bias, self._epsilon)


def read_encoder(
    folder: Path, precision: str, *, changed: Mapping[str, Tensor] | None = None, longest: int | None = None
) -> BertEncoder | None:
    """The encoder of a Sentence Transformers model, where that is a plain BERT encoder pooled by mean and nothing more.

    `changed` are weights in the place of the model's own, `longest` the most word pieces where that is not to be the model's.
    None for all others and for damaged ones, which are left to the library that knows what is wrong with them.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        config = _settings(folder / "config.json")
        if any(config.get(key, value) != value for key, value in _PLAIN.items()) or not _pooled_by_mean(folder):
            return None
        saved = load_file(folder / "model.safetensors")
        weights = {name.removeprefix("bert."): tensor for name, tensor in saved.items()}
        for name, value in (changed or {}).items():
            if weights[name].shape != value.shape:
                raise ValueError(f"{name} has another shape")
            weights[name] = value
        return BertEncoder(config, weights, precision, longest or _limit(folder))
    except (SafetensorError, OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError):
        return None


def on_all_cores(work: Callable[[int, int], int], groups: Iterable[tuple[int, int]]) -> Iterator[int]:
    """What `work` gives for each group, as they are done: each on one thread of torch, as many at a time as there are cores.

    Threads that share one group wait for each other, which on a busy machine costs several times the work.
    """
    import torch

    groups = list(groups)
    if len(groups) < 2 or cores() == 1:
        torch.set_num_threads(1)
        yield from (work(*group) for group in groups)
        return
    pool = ThreadPoolExecutor(cores(), "encoding", initializer=torch.set_num_threads, initargs=(1,))
    try:
        for done in as_completed([pool.submit(work, *group) for group in groups]):
            yield done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def cores() -> int:
    """Processors that this program may use."""
    return len(os.sched_getaffinity(0))


def _pooled_by_mean(folder: Path) -> bool:
    """Whether the files say: a transformer, mean pooling, at most normalising after it, and no words set before a text."""
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in modules]
    if kinds[:2] != ["Transformer", "Pooling"] or not set(kinds[2:]) <= {"Normalize"}:
        return False
    pooling = _settings(folder / modules[1]["path"] / "config.json")
    modes = {name for name, on in pooling.items() if name.startswith("pooling_mode_") and on is True}
    mean = pooling["pooling_mode"] == "mean" if "pooling_mode" in pooling else modes == {"pooling_mode_mean_tokens"}
    prompts = _settings(folder / "config_sentence_transformers.json", needed=False).get("prompts") or {}
    lowers = _settings(folder / "sentence_bert_config.json", needed=False).get("do_lower_case")
    return mean and not any(prompts.values()) and not lowers and (folder / "tokenizer.json").exists()


def _limit(folder: Path) -> int:
    """Word pieces of a text that the files allow."""
    own = _settings(folder / "sentence_bert_config.json", needed=False).get("max_seq_length")
    general = _settings(folder / "tokenizer_config.json", needed=False).get("model_max_length")
    return int(own or general or 512)


def _settings(file: Path, *, needed: bool = True) -> dict[str, Any]:
    """What a JSON file of a model says; raises OSError or ValueError where it is missing, though needed, or malformed."""
    if not needed and not file.exists():
        return {}
    found = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{file} is no object")
    return found

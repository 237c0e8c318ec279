"""A question-answering model of the library read in the place of the project's own network, on one that the test makes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from fakes import make_passage

from qa.errors import ModelError
from qa.reader.hub import HubReader
from qa.reader.spans import reading_text
from qa.schema import Sentence


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT with a span head and random weights."""
    from transformers import BertConfig, BertForQuestionAnswering, BertTokenizerFast

    place = tmp_path_factory.mktemp("reader")
    words = "[PAD] [UNK] [CLS] [SEP] [MASK] how much what zalutinib was given at mg daily opened 5 . ?".split()
    (place / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(str(place / "vocab.txt")).save_pretrained(place)
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    BertForQuestionAnswering(config).eval().save_pretrained(place, safe_serialization=True)
    return place


def test_a_model_of_the_library_reads(folder: Path) -> None:
    passages = [
        make_passage("Zalutinib was given at 5 mg daily. What opened?"),
        make_passage("Zalutinib.", start=90, index_text="What opened. Zalutinib."),
    ]
    reads = HubReader(str(folder)).read([("how much zalutinib?", passage) for passage in passages])
    for passage, read in zip(passages, reads, strict=True):
        assert read.spans
        assert read.relevance == read.spans[0].score
        for span in read.spans:
            assert any(s.start <= span.start < span.end <= s.end for s in passage.sentences)
            assert passage.slice(span.start, span.end).strip()


def test_its_scores_are_the_models_own(folder: Path) -> None:
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    passage = make_passage("Zalutinib was given at 5 mg daily.")
    (read,) = HubReader(str(folder)).read([("how much zalutinib?", passage)])
    tokenizer = AutoTokenizer.from_pretrained(folder)
    batch = tokenizer("how much zalutinib?", reading_text(passage).text, return_tensors="pt")
    with torch.inference_mode():
        output = AutoModelForQuestionAnswering.from_pretrained(folder)(**batch)
    starts, ends = output.start_logits[0].numpy(), output.end_logits[0].numpy()
    second = [i for i, s in enumerate(batch.sequence_ids(0)) if s == 1]
    best = max(starts[i] + ends[j] for i in second for j in second if i <= j) - starts[0] - ends[0]
    assert read.spans[0].score == pytest.approx(float(best), abs=1e-4)
    assert np.isfinite(read.relevance)


def test_pieces_that_begin_with_a_blank_lose_no_word(folder: Path, tmp_path: Path) -> None:
    """SentencePiece counts the blank before a word to its piece: that of the second sentence begins in the first."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertForQuestionAnswering, PreTrainedTokenizerFast

    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    words = [*marks, "▁what?", "▁Nothing.", "▁Zalutinib", "▁opened."]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(tmp_path)
    BertForQuestionAnswering.from_pretrained(folder).save_pretrained(tmp_path)
    passage = make_passage("Nothing. Zalutinib opened.")
    passage = replace(passage, sentences=(Sentence(0, 8), Sentence(9, 26)))
    (read,) = HubReader(str(tmp_path)).read([("what?", passage)])
    covered = {i for span in read.spans for i in range(span.start, span.end)}
    assert not any(passage.text[span.start].isspace() for span in read.spans)
    assert covered >= {
        passage.text.index("Zalutinib"),
        passage.text.index("opened"),
    }  # of each sentence two spans at most


def test_what_is_no_reader_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot load the reader .*--reader"):
        HubReader(str(tmp_path)).read([("what?", make_passage("Zalutinib."))])


def test_the_assistant_and_the_command_line_take_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from qa.assistant import DEFAULT_CORPUS, Assistant
    from qa.cli.root import run
    from qa.embedding import SentenceTransformerEmbedder
    from qa.index import build

    build(tmp_path / "index", [DEFAULT_CORPUS], SentenceTransformerEmbedder())
    monkeypatch.setenv("VERBATIM_READER", "plain")  # put back by the fixture whatever the command sets
    place = ["--index", str(tmp_path / "index"), "--reader", str(folder)]
    assert run(["retrieve", "what is the baricitinib EUA dose", *place]) == 0
    assistant = Assistant.open(tmp_path / "index")
    answer = assistant.ask("what is the baricitinib EUA dose", force=True)
    for citation in answer.citations:
        assert assistant.document(citation.doc_id).slice(citation.start, citation.end) == citation.quote

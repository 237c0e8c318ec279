"""Where the members of an enumeration stand."""

from __future__ import annotations

import pytest

from qa.reader.enumerations import enumerations, members_of


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("The signs were fever, dry cough and fatigue in most patients.", [["fever", "dry cough", "fatigue"]]),
        ("Risks include age (over 65), gout, and lung disease.", [["age", "gout", "lung disease"]]),
        (
            "It signals through JAK1 and JAK3 and through STAT1, STAT3 and STAT5.",
            [["JAK1", "JAK3"], ["STAT1", "STAT3", "STAT5"]],
        ),
        ("It has four parts: spike (S), envelope (E) and a membrane.", [["spike", "envelope", "a membrane"]]),
        (
            "Cough, Café 😀 visits and shortness of breath are common.",
            [["Cough", "Café 😀 visits", "shortness of breath"]],
        ),
        (
            "Combining it with methotrexate, with another drug (DMARD) or with a vaccine should be avoided.",
            [["methotrexate", "another drug", "a vaccine"]],
        ),
        ("Cell counts (neutrophils, platelets, monocytes) fell.", [["neutrophils", "platelets", "monocytes"]]),
        (
            "They are opportunistic infections and shingles, and its other effect is gout.",
            [["opportunistic infections", "shingles"]],
        ),
        ("The Food and Drug Administration approved it on May 4, 2020.", []),
        ("The mean was 4 mg (95% CI 3, 5) in all.", []),
        ("It was given for 14 days.", []),
    ],
)
def test_enumerations_of_a_sentence(text: str, listed: list[list[str]]) -> None:
    assert [[text[a:b] for a, b in found.members] for found in enumerations(text)] == listed


@pytest.mark.parametrize(
    ("cell", "members"),
    [
        ("JAK1, JAK2", ["JAK1", "JAK2"]),
        ("weight gain", ["weight gain"]),
        ("anemia < 8 g/dL; platelets, if low", ["anemia < 8 g/dL", "platelets, if low"]),
        ("1,033 patients", ["1,033 patients"]),
        ("  ", []),
    ],
)
def test_members_of_a_cell(cell: str, members: list[str]) -> None:
    assert [cell[a:b] for a, b in members_of(cell)] == members


def test_hostile_text_is_quick() -> None:
    for text in ("a, " * 20_000, "a and " * 10_000, "(" * 20_000, "a (b) " * 10_000, ", and" * 10_000):
        enumerations(text)  # the time limit of the test is the assertion


def test_what_is_said_of_one_name_is_no_list() -> None:
    text = "Zalutinib, selective for KAP 1/2 and made by Orex, has gout as its indication."
    assert not any("Zalutinib" in text[a:b] for found in enumerations(text) for a, b in found.members)


def test_a_proper_name_is_not_taken_apart() -> None:
    text = "The Board and Drug Office warned of rashes, cramps and fits."
    assert [[text[a:b] for a, b in found.members] for found in enumerations(text)] == [["rashes", "cramps", "fits"]]

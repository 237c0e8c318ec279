"""Training examples from invented prose: passages that tell the same sort of thing of several invented names.

As in `reader_tables` no name is a fact of any document. What is learnt is to tell apart whom a value belongs to, and that a
value of another name, or another value of the same name, is no answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reader_examples import Example
from reader_tables import brand, code, company, condition, count, date, dose, drug, percent, span_of_time


@dataclass(frozen=True, slots=True)
class Fact:
    """Something told of a name: its value, sentences that tell it ({key}, {value}, {pronoun}), and questions ({key})."""

    value: Callable[[random.Random], str]
    told: tuple[str, ...]
    asks: tuple[str, ...]


DRUG_FACTS = (
    Fact(dose, ("{key} is given at {value}.", "The recommended dose of {key} is {value}, with food.", "Adults took {value} of {key}.", "Treatment with {key} starts at {value} and is then adjusted."),
         ("what is the dose of {key}", "how much {key} is given", "{key} dosage", "at what dose is {key} started", "how many mg of {key} should adults take")),
    Fact(dose, ("In healthy people {key} was well tolerated up to {value}.", "The highest dose of {key} tried is {value}.", "No more than {value} of {key} should be taken."),
         ("what is the maximum dose of {key}", "what is the highest dose of {key}", "up to what dose is {key} tolerated")),
    Fact(dose, ("In children {key} is given at {value}.", "Children under twelve receive {value} of {key}."),
         ("what is the dose of {key} in children", "how much {key} do children get", "{key} pediatric dose")),
    Fact(date, ("{key} was approved in {value} after two trials.", "The agency authorized {key} on {value}.", "Since {value}, {key} has been on the market."),
         ("when was {key} approved", "when did {key} reach the market", "{key} approval date", "since when is {key} used")),
    Fact(date, ("The maker withdrew {key} in {value}.", "In {value} the authorization of {key} was revoked."),
         ("when was {key} withdrawn", "when was the approval of {key} revoked", "when did {key} leave the market")),
    Fact(company, ("{key} is made by {value}.", "{value} developed {key} and sells it in many countries."),
         ("who makes {key}", "which company sells {key}", "manufacturer of {key}", "who developed {key}")),
    Fact(company, ("The trials of {key} were paid for by {value}.", "{value} funded the research on {key}."),
         ("who paid for the trials of {key}", "who funded the studies of {key}", "{key} sponsor")),
    Fact(condition, ("{key} is used for {value}.", "Its effect in {value} made {key} known.", "Doctors prescribe {key} to people with {value}.", "{key} was first licensed for the treatment of {value}."),
         ("what is {key} used for", "what does {key} treat", "which disease is {key} for", "{key} indication")),
    Fact(condition, ("The most common side effect of {key} was {value}.", "{key} can cause {value}, especially in older people.", "Some who took {key} developed {value}.", "Warnings for {key} include {value}."),
         ("what side effects does {key} have", "what can {key} cause", "{key} adverse effects", "what is the most common side effect of {key}")),
    Fact(condition, ("{key} must not be given to people with {value}.", "In {value}, {key} is contraindicated."),
         ("who should not take {key}", "{key} contraindications", "in which disease must {key} be avoided")),
    Fact(code, ("{key} blocks {value}.", "By inhibiting {value}, {key} calms the inflammation.", "The target of {key} is {value}, which immune cells need.", "{key} acts on {value}."),
         ("what does {key} block", "what is the target of {key}", "what does {key} act on", "{key} mechanism")),
    Fact(percent, ("With {key}, {value} of the patients died.", "Mortality under {key} was {value}."),
         ("how many percent died with {key}", "mortality with {key}", "what was the death rate under {key}")),
    Fact(percent, ("{value} of those treated with {key} got better within a month.", "The response rate reached {value} with {key}."),
         ("what share of patients responded to {key}", "how many percent got better with {key}", "response rate of {key}")),
    Fact(count, ("Some {value} people have taken {key} so far.", "{key} was given to {value} patients."),
         ("how many patients took {key}", "how many people have been treated with {key}", "number of patients on {key}")),
    Fact(span_of_time, ("{key} was given for {value}.", "Patients stayed on {key} for {value}.", "A course of {key} lasts {value}."),
         ("how long is {key} given", "for how long do patients take {key}", "{key} duration of treatment", "how long does a course of {key} last")),
    Fact(span_of_time, ("The half-life of {key} is {value}.", "After {value} half of the {key} has left the blood."),
         ("what is the half-life of {key}", "{key} half life", "how long does {key} stay in the blood")),
    Fact(span_of_time, ("{key} begins to work after {value}.", "It takes {value} until {key} shows an effect."),
         ("how soon does {key} work", "after how long does {key} take effect", "{key} onset of action")),
    Fact(lambda rng: f"{rng.choice('$€£')}{rng.randint(20, 9000):,}", ("A course of {key} costs {value}.", "The price of {key} is {value}."),
         ("how much does {key} cost", "what is the price of {key}", "{key} cost")),
    Fact(brand, ("{key} is sold as {value}.", "{key} ({value}) comes as a tablet.", "Under the name {value}, {key} is available in pharmacies."),
         ("what is {key} sold as", "brand name of {key}", "trade name of {key}")),
    Fact(lambda rng: rng.choice(("by mouth", "intravenously", "by injection under the skin", "by inhaler", "as a cream")),
         ("{key} is given {value}.", "Unlike others, {key} is taken {value}.", "Patients receive {key} {value}."),
         ("how is {key} given", "by which route is {key} taken", "how do you take {key}")),
)  # fmt: skip

TRIAL_FACTS = (
    Fact(count, ("{key} enrolled {value} patients.", "In {key}, {value} people took part.", "{value} participants were randomized in {key}.", "The investigators of {key} followed {value} patients."),
         ("how many patients were in {key}", "how large was {key}", "how many people took part in {key}", "{key} sample size")),
    Fact(count, ("In {key}, {value} patients were women.", "{value} of those in {key} were female."),
         ("how many women were in {key}", "how many of the patients in {key} were female")),
    Fact(count, ("{value} patients of {key} died.", "{key} saw {value} deaths."),
         ("how many patients died in {key}", "number of deaths in {key}")),
    Fact(drug, ("{key} tests {value} against placebo.", "The drug studied in {key} is {value}.", "Patients of {key} received {value} or standard care.", "{value} was added to standard treatment in {key}."),
         ("which drug does {key} test", "what was given in {key}", "which medicine is studied in {key}")),
    Fact(date, ("{key} began in {value}.", "The first patient of {key} was treated in {value}."),
         ("when did {key} begin", "start date of {key}", "when did {key} start")),
    Fact(date, ("Recruitment of {key} ended in {value}.", "{key} was stopped in {value}."),
         ("when did {key} end", "when did recruitment of {key} stop", "end date of {key}")),
    Fact(date, ("The results of {key} were published in {value}.", "{key} appeared in print in {value}."),
         ("when was {key} published", "publication date of {key}")),
    Fact(percent, ("In {key}, mortality fell by {value}.",), ("by how much did mortality fall in {key}", "{key} reduction of mortality")),
    Fact(percent, ("{value} of the patients in {key} recovered by day 28.",), ("what percentage recovered in {key}", "recovery rate in {key}")),
    Fact(percent, ("{key} saw complications in {value} of those treated.",), ("what share had complications in {key}", "complication rate of {key}")),
    Fact(lambda rng: f"{rng.randint(18, 89)} years", ("The median age in {key} was {value}.", "Patients of {key} were {value} old on average."),
         ("how old were the patients in {key}", "average age in {key}", "median age of {key}")),
    Fact(span_of_time, ("Median time to recovery in {key} was {value}.",), ("what was the median recovery time in {key}", "how long until recovery in {key}")),
    Fact(span_of_time, ("Patients of {key} were followed for {value}.",), ("how long was follow-up in {key}", "{key} follow-up")),
    Fact(span_of_time, ("Those in {key} stayed in hospital for {value}.",), ("how long did patients of {key} stay in hospital", "length of stay in {key}")),
    Fact(lambda rng: rng.choice(("randomised and double-blind", "open-label", "a single-arm study", "a retrospective cohort", "a phase 2 trial", "a phase 3 trial")),
         ("{key} was {value}.", "By design, {key} is {value}."),
         ("what kind of study was {key}", "how was {key} designed", "which phase is {key}")),
    Fact(lambda rng: rng.choice(("China", "Italy", "the United States", "Mexico", "Canada", "Spain", "Iran", "Brazil", "Germany")),
         ("{key} took place in {value}.", "The sites of {key} were in {value}.", "Hospitals across {value} joined {key}."),
         ("where did {key} take place", "which country ran {key}", "in which country was {key} done")),
)  # fmt: skip

AROUND = (
    "More data are awaited.", "Costs were not studied.", "The authors call for caution.", "This was not confirmed by others.",
    "Further studies are under way.", "Long-term effects remain unknown.", "Guidelines differ between countries.",
)  # fmt: skip


def prose(rng: random.Random, number: int) -> Iterator[Example]:
    """Questions over `number` invented passages: answered ones, ones about what is not told, ones about another name."""
    for _ in range(number):
        facts, name = rng.choice(((DRUG_FACTS, drug), (TRIAL_FACTS, code)))
        keys = list(dict.fromkeys(_spelt(name(rng), rng) for _ in range(4)))
        absent, keys = keys[-1], keys[:-1][: rng.randint(1, 3)]
        chosen = rng.sample(facts, rng.randint(1, 6))
        told = [(key, fact) for key in keys for fact in chosen if rng.random() < 0.75]
        if rng.random() < 0.5:
            rng.shuffle(told)
        if not told:
            continue
        head = f"{brand(rng)} review. {rng.choice(('Results', 'Treatment', 'Overview', 'Safety'))}. " * (
            rng.random() < 0.5
        )
        text, places = head, {}
        for key, fact in told:
            if rng.random() < 0.2:
                text += rng.choice(AROUND) + " "
            value = fact.value(rng)
            before, after = rng.choice(fact.told).format(key=key, value="\0").split("\0")
            before = before[:1].upper() + before[1:]
            value = value if before else value[:1].upper() + value[1:]
            start = len(text) + len(before)
            places[key, fact.asks] = (start, start + len(value))
            text += before + value + after + " "
        yield from _asked(rng, facts, keys, absent, head, text.rstrip(), places)


def _spelt(name: str, rng: random.Random) -> str:
    return name.capitalize() if rng.random() < 0.2 and name.islower() else name


def _asked(
    rng: random.Random,
    facts: tuple[Fact, ...],
    keys: list[str],
    absent: str,
    head: str,
    text: str,
    places: dict[tuple[str, tuple[str, ...]], tuple[int, int]],
) -> Iterator[Example]:
    def example(key: str, asks: tuple[str, ...], answer: tuple[int, int] | None) -> Example:
        question = rng.choice(asks).format(key=key) + ("?" if rng.random() < 0.4 else "")
        return Example(question, text, answer, text_start=len(head), origin="prose")

    for (key, asks), place in rng.sample(sorted(places.items()), min(2, len(places))):
        yield example(key, asks, place)
    untold = [(key, fact.asks) for key in keys for fact in facts if (key, fact.asks) not in places]
    # Where another name has the value, or the name another value of that form, telling them apart is all there is to it.
    form = {fact.asks: fact.value for fact in facts}
    near = [
        (key, asks)
        for key, asks in untold
        if any(asks == other or (key == name and form[asks] is form[other]) for name, other in places)
    ]
    for pool in (near, near, untold):
        if pool and rng.random() < 0.5:
            yield example(*rng.choice(pool), None)
    if rng.random() < 0.4:
        yield example(absent, rng.choice(sorted(places))[1], None)

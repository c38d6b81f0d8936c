"""What the numbers of a genotype report mean, in sentences, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from features.quality.records import Advice, GenotypeQuality, Linkage, SiteQuality
from features.quality.sites import EVERYBODY, main_group

SITE_CALL_RATE, PERSON_CALL_RATE = 0.95, 0.5
HWE_P = 1e-3
"""Exact Hardy-Weinberg p below which a site within one ancestry is suspect."""
MISSING_P = 0.01


def findings(quality: GenotypeQuality, sites: Sequence[SiteQuality], linkage: Sequence[Linkage]) -> tuple[Advice, ...]:
    """Return what to know and to do, section by section; a section without fault says so."""
    return (
        *_sites(sites),
        *_people(quality),
        *_frequencies(quality),
        *_hardy_weinberg(sites),
        *_linkage(quality, linkage, main_group(sites)),
        *_duplicates(quality),
        *_missingness(quality),
    )


def _sites(sites: Sequence[SiteQuality]) -> Iterator[Advice]:
    if assumed := assumed_text(sites):
        yield Advice(
            section="sites",
            level="act",
            text=assumed,
            action="Genotype these sites, declare the callable regions (callable), or leave the sites out: whoever "
            "carries the other allele is counted as reference.",
        )
    everybody = [one for one in sites if one.ancestry == EVERYBODY]
    low = {one.variant: one.call_rate for one in everybody if one.called + one.assumed < SITE_CALL_RATE * one.n}
    empty = [one.variant for one in everybody if one.n and one.called + one.assumed == 0]
    if empty:
        yield Advice(
            section="sites",
            level="note",
            text=f"Nobody has a call at {_listed(empty)}: not assayed, which is not reference.",
            action="Leave these sites out of the endpoint, or add the file that has them.",
        )
    partly = {name: rate for name, rate in low.items() if rate > 0}
    if partly:
        shown = ", ".join(f"{name} {100 * rate:.0f} %" for name, rate in partly.items())
        yield Advice(
            section="sites",
            level="act" if min(partly.values()) < 0.8 else "note",
            text=f"Called in less than {100 * SITE_CALL_RATE:.0f} % of people: {shown}.",
            action="Ask who was typed and why the others were not; a model stands in the mean dosage for them.",
        )
    if not low and not assumed:
        yield _fine("sites", f"Every site is called in at least {100 * SITE_CALL_RATE:.0f} % of people.")


def assumed_text(sites: Sequence[SiteQuality]) -> str:
    """Return which sites are reference by assertion and in how many people, empty where none is."""
    assumed = [one for one in sites if one.ancestry == EVERYBODY and one.assumed]
    shown = ", ".join(f"{one.variant} {100 * one.assumed / one.n:.1f} %" for one in assumed)
    return f"Assumed reference, not called, in these shares of people: {shown}." if shown else ""


def _people(quality: GenotypeQuality) -> Iterator[Advice]:
    people = quality.people
    if not people.n_sites:
        return
    half = int(people.n_sites * PERSON_CALL_RATE)
    none, few, everybody = people.persons[0], sum(people.persons[: half + 1]), sum(people.persons)
    if few:
        where = f", first at lines {', '.join(map(str, people.lines[:5]))}" if people.lines else ""
        yield Advice(
            section="people",
            level="act" if few > 0.1 * everybody else "note",
            text=f"{few:,} of {everybody:,} people have calls at {half} of {people.n_sites} sites or fewer, {none:,} "
            f"of them at none{where}.",
            action="Check whether their DNA failed or was never typed; without any call they tell nothing of genetics.",
        )
    else:
        yield _fine("people", "Everybody has calls at more than half of the sites.")


def _frequencies(quality: GenotypeQuality) -> Iterator[Advice]:
    compared = [one for one in quality.frequencies if one.verdict != "not compared"]
    for one in compared:
        if one.verdict == "agrees" or one.expected is None:
            continue
        text = (
            f"{one.variant} in {one.ancestry}: {one.effect_allele} has a frequency of {one.frequency:.2f} "
            f"(n {one.n:,}), the panel's {one.population} has {one.expected:.2f}"
        )
        if one.verdict == "swapped":
            action = "Check the strand and the letters that the manifest declares for this site; do not train before."
            text += "; the other letter would fit."
        else:
            action = "Check the ancestry labels and the genotyping of this site; a real difference is possible."
            text += "."
        yield Advice(section="frequencies", level="act", text=text, action=action)
    if compared and all(one.verdict == "agrees" for one in compared):
        yield _fine(
            "frequencies", f"{len(compared)} frequencies agree with the panel's populations of the same ancestry."
        )
    if not compared:
        yield Advice(
            section="frequencies",
            level="note",
            text="No frequency could be compared: the panel knows none for these sites in the ancestries declared.",
            action="Bind ancestry_column in the manifest, with labels such as European or East Asian.",
        )


def _hardy_weinberg(sites: Sequence[SiteQuality]) -> Iterator[Advice]:
    grouped = any(one.ancestry != EVERYBODY for one in sites)
    tested = [one for one in sites if one.hwe_p_exact is not None and (one.ancestry != EVERYBODY) == grouped]
    suspect = [one for one in tested if one.hwe_p_exact is not None and one.hwe_p_exact < HWE_P]
    for one in suspect:
        n1 = one.counts[1]
        expected = 2 * one.called * (one.frequency or 0) * (1 - (one.frequency or 0))
        excess = "more" if n1 > expected else "fewer"
        yield Advice(
            section="hardy_weinberg",
            level="act",
            text=f"{one.variant} in {one.ancestry} is out of Hardy-Weinberg proportions (exact p "
            f"{one.hwe_p_exact:.1e}), with {n1:,} heterozygotes, {excess} than the {expected:.0f} expected.",
            action="Look at the genotyping of this site (its clusters, its batches)"
            + (", or at related and mixed people within the group." if grouped else "; mixed ancestry does it too."),
        )
    if tested and not suspect:
        within = "within every ancestry" if grouped else "in everybody; no ancestry is declared"
        yield _fine(
            "hardy_weinberg", f"All sites are in Hardy-Weinberg proportions {within} (exact p from {HWE_P:g} on)."
        )


def _linkage(quality: GenotypeQuality, linkage: Sequence[Linkage], group: str) -> Iterator[Advice]:
    who = "everybody" if group == EVERYBODY else group
    strong = [one for one in linkage if one.ancestry == group and one.r2 is not None and one.r2 >= 0.3]
    if strong:
        pairs = ", ".join(f"{one.first} with {one.second} (r2 {one.r2:.2f})" for one in strong)
        yield Advice(
            section="linkage",
            level="note",
            text=f"Closely linked in {who}: {pairs}.",
            action="Their effects are not independent evidence; haplotypes count them once.",
        )
    for rare in quality.rare:
        yield Advice(
            section="linkage",
            level="note",
            text=f"Certain carriers of the haplotype {rare.letters} of {rare.first} and {rare.second}, which has a "
            f"frequency of {100 * rare.frequency:.1f} %: {rare.n:,}, at lines {', '.join(map(str, rare.lines[:5]))}.",
            action="Look at these genotypes again: a typing error shows like this, and so does a carrier.",
        )
    if not strong and not quality.rare:
        yield _fine("linkage", f"No two sites are closely linked in {who}.")


def _duplicates(quality: GenotypeQuality) -> Iterator[Advice]:
    found, clear = quality.duplicates, True
    if found.discordant:
        clear = False
        yield Advice(
            section="duplicates",
            level="act",
            text=f"{found.discordant:,} of {found.same_person_pairs:,} pairs of rows of one person differ in a "
            f"genotype: lines {', '.join(map(str, found.discordant_lines[:6]))}.",
            action="Samples were mixed up, or the person column joins two people; leave them out until that is clear.",
        )
    if found.identical_rows:
        clear = False
        yield Advice(
            section="duplicates",
            level="act",
            text=f"{found.identical_rows:,} rows repeat an earlier one in genotypes and every other value: lines "
            f"{', '.join(map(str, found.identical_lines[:5]))}.",
            action="Remove the repeats, or name a person column so that they stay in one fold.",
        )
    share = found.identical_pairs / found.compared_pairs if found.compared_pairs else 0.0
    checked = (
        f"; {found.same_person_pairs:,} pairs of rows of one person agree" if found.same_person_pairs and clear else ""
    )
    chance = f"With these sites, {100 * share:.1f} % of all pairs of people share every genotype by chance{checked}."
    yield Advice(
        section="duplicates",
        level="ok" if clear else "note",
        text=chance,
        action="Equal genotypes alone prove no duplicate here; rely on identifiers.",
    )


def _missingness(quality: GenotypeQuality) -> Iterator[Advice]:
    suspect = [one for one in quality.missingness if one.p is not None and one.p < MISSING_P]
    for one in suspect:
        yes, no = one.favourable_called / one.favourable, one.unfavourable_called / one.unfavourable
        yield Advice(
            section="missingness",
            level="act",
            text=f"{one.variant} is called in {100 * yes:.0f} % of people with the favourable outcome and in "
            f"{100 * no:.0f} % of the others (Fisher p {one.p:.1e}).",
            action="A missing call tells of the outcome: find out why before training, or leave the site out.",
        )
    if quality.missingness and not suspect:
        yield _fine(
            "missingness", f"Missing calls do not go with the outcome at any site (Fisher p from {MISSING_P:g} on)."
        )
    if not quality.missingness:
        yield Advice(
            section="missingness",
            level="note",
            text="Missing calls were not compared with an outcome: none was read.",
            action="Name an endpoint.",
        )


def _fine(section: str, text: str) -> Advice:
    return Advice.model_validate({"section": section, "level": "ok", "text": text, "action": "Nothing to do."})


def _listed(names: Sequence[str] | Mapping[str, object]) -> str:
    listed = list(names)
    return ", ".join(listed[:-1]) + " and " + listed[-1] if len(listed) > 1 else listed[0]

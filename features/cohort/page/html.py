"""The genotype report of a cohort as one HTML page: advice first, then a chart per question, then every number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from features.cohort.page.charts import CHARTS
from features.cohort.report import CohortReport
from features.quality.findings import SITE_CALL_RATE
from features.quality.records import Advice, GenotypeQuality, Section, SiteQuality

_STYLE = """
:root{color-scheme:light}
body{font:16px/1.5 system-ui,"DejaVu Sans",sans-serif;color:#1f2933;background:#f6f8fa;margin:0}
main{max-width:820px;margin:0 auto;padding:32px 24px 64px}h1{font-size:1.7rem;line-height:1.25;margin:0 0 4px}
h2{font-size:1.2rem;margin:0 0 2px}.sub,.how{color:#52606d;margin:0 0 12px}.how{font-size:.92rem}
section,.box{background:#fff;border:1px solid #dfe5ea;border-radius:8px;padding:20px 24px;margin:18px 0}
svg{width:100%;height:auto;display:block;margin:8px 0}
svg text{font:13px system-ui,"DejaVu Sans",sans-serif;fill:#1f2933}
svg .t{font-size:11px;fill:#66727f}ul{list-style:none;padding:0;margin:10px 0 0}
li{border-left:4px solid #cbd2d9;padding:2px 0 2px 12px;margin:10px 0}li.act{border-color:#b3261e}
li.note{border-color:#b7791f}li.ok{border-color:#2f855a}
.do{color:#52606d}.do::before{content:"What to do: ";font-weight:600}
.flag{display:inline-block;background:#b3261e;color:#fff;border-radius:4px;padding:1px 8px;font-weight:600}
table{border-collapse:collapse;width:100%;font-size:.88rem;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}td,th{text-align:right;padding:4px 8px;border-bottom:1px solid #e4e9ee;white-space:nowrap}
td:nth-child(-n+3),th:nth-child(-n+3){text-align:left}.key span{margin-right:16px;white-space:nowrap}
.key i{display:inline-block;width:11px;height:11px;border-radius:50%;margin-right:5px}.key i.d{border-radius:0;
transform:rotate(45deg);border:2px solid #1f2933;width:7px;height:7px}footer{color:#52606d;font-size:.88rem}
@media print{body{background:#fff}section,.box{break-inside:avoid}}
"""

_TITLES: dict[Section, tuple[str, str]] = {
    "sites": (
        "Call rate by site",
        f"Share of people with a call, not assumed; the dashed line is {100 * SITE_CALL_RATE:.0f} %.",
    ),
    "people": ("Call rate by person", "People by the number of sites at which they have a call."),
    "frequencies": (
        "Allele frequency against the panel",
        "Copies of the effect allele as a share of all, with a 95 % interval, by ancestry.",
    ),
    "hardy_weinberg": (
        "Hardy-Weinberg proportions",
        "Exact test, on the scale -log10 p: further right is further from the expected heterozygotes.",
    ),
    "linkage": (
        "Linkage",
        "Squared correlation of the genotypes of two sites of one gene.",
    ),
    "duplicates": ("Repeated and mixed-up people", "Rows of one person compared, and rows that repeat another."),
    "missingness": ("Missing calls and the outcome", "Share of people with a call, by outcome."),
}


def without_names(report: CohortReport) -> CohortReport:
    """Return the report without the names of samples: it may be kept where more people look."""
    if report.genotype_file is None:
        return report
    nameless = report.genotype_file.model_copy(update={"samples_without_row": ()})
    return report.model_copy(update={"genotype_file": nameless})


def quality_page(report: CohortReport) -> str:
    """Return the page; a report without genotypes has a page that says so."""
    quality = report.genotypes
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Genotypes of {escape(report.cohort)}</title><style>{_STYLE}</style><main>"
        f"<h1>Genotypes of {escape(report.cohort)}</h1><p class='sub'>{escape(_subtitle(report))}</p>"
        + ("<p><span class='flag'>SYNTHETIC: made-up patients</span></p>" if report.synthetic else "")
        + ("".join(_body(report, quality)) if quality else "<p>The cohort has no genotypes.</p>")
        + "<footer>Research use; not a medical device. Limits and tests are in <code>esr check --json</code>.</footer>"
        "</main></html>"
    )


def _body(report: CohortReport, quality: GenotypeQuality) -> Iterator[str]:
    yield _summary(quality.findings)
    if report.genotype_file:
        yield _join(report)
    for section, (title, how) in _TITLES.items():
        found = [one for one in quality.findings if one.section == section]
        chart = CHARTS[section](report, quality)
        yield f"<section id='{section}'><h2>{title}</h2><p class='how'>{how}</p>{chart}{_list(found)}</section>"
    yield f"<section><h2>Every site in every group</h2><div class='wide'>{_table(report.sites)}</div></section>"


def _subtitle(report: CohortReport) -> str:
    used = f", {report.n:,} count for {report.endpoint}" if report.endpoint else ""
    return f"{report.file}: {report.n_read:,} rows{used}. Genotypes are judged in every row."


def _summary(findings: Sequence[Advice]) -> str:
    act = [one for one in findings if one.level == "act"]
    if not act:
        return "<div class='box'><h2>Nothing to act on</h2><p class='how'>No check found a fault.</p></div>"
    things = "thing" if len(act) == 1 else "things"
    return f"<div class='box'><h2>{len(act)} {things} to act on</h2>{_list(act)}</div>"


def _list(findings: Sequence[Advice]) -> str:
    items = "".join(
        f"<li class='{one.level}'>{escape(one.text)}"
        + (f"<br><span class='do'>{escape(one.action)}</span>" if one.level != "ok" else "")
        + "</li>"
        for one in findings
    )
    return f"<ul>{items}</ul>"


def _join(report: CohortReport) -> str:
    one = report.genotype_file
    assert one is not None
    build = f"build {one.build} ({one.build_basis})" if one.build else f"build {one.build_basis}"
    rows = [
        f"{one.file}: {one.format}, {build}, strand {one.strand or 'unknown'} ({one.strand_basis}).",
        f"{one.samples_joined:,} of its {one.samples_in_file:,} samples have a row.",
    ]
    if one.n_samples_without_row:
        names = ": " + ", ".join(one.samples_without_row[:10]) if one.samples_without_row else ""
        rows.append(f"{one.n_samples_without_row:,} samples have none{names}.")
    if one.n_rows_without_sample:
        lines = ", ".join(map(str, one.lines_without_sample[:10]))
        rows.append(f"{one.n_rows_without_sample:,} rows have no sample in the file: lines {lines}.")
    items = "".join(f"<li>{escape(row)}</li>" for row in (*rows, *one.notes))
    return f"<div class='box'><h2>Genotype file</h2><ul>{items}</ul></div>"


def _table(sites: Sequence[SiteQuality]) -> str:
    people = ("people", "called", "assumed")
    head = ("site", "ancestry", "allele", *people, "0", "1", "2", "frequency", "chi-square p", "exact p")
    rows = [
        (
            one.variant,
            one.ancestry,
            one.effect_allele,
            f"{one.n:,}",
            f"{one.called:,}",
            f"{one.assumed:,}",
            *(f"{count:,}" for count in one.counts),
            "" if one.frequency is None else f"{one.frequency:.3f}",
            "" if one.hwe_p is None else f"{one.hwe_p:.3g}",
            "" if one.hwe_p_exact is None else f"{one.hwe_p_exact:.3g}",
        )
        for one in sites
    ]
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>{lines}</table>"

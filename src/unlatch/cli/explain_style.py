"""The style sheet of the page that ``unlatch explain --html`` writes. Contrast is WCAG AA in both schemes."""

STYLE = """\
:root {
  color-scheme: light dark;
  --ground: #f4f6f6; --surface: #fff; --line: #d8dfdf; --text: #142021; --muted: #51605f; --accent: #0f5f5c;
  --good: #1c6b3c; --good-soft: #e4f3e9; --bad: #a62a1d; --bad-soft: #fbebe8; --soft: #eef2f2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1516; --surface: #172122; --line: #2b3839; --text: #e9efee; --muted: #a3b2b1; --accent: #7fd0c9;
    --good: #8fd6a8; --good-soft: #1a3323; --bad: #ff9d8f; --bad-soft: #3a1f1b; --soft: #111a1b;
  }
}
*, *::before, *::after { box-sizing: border-box; }
body {
  margin: 0; padding: clamp(1rem, 4vw, 3rem) clamp(.75rem, 4vw, 2rem); background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}
main, footer { max-width: 72rem; margin: 0 auto; }
h1, h2, p, dl, dd { margin: 0; }
h1 { font-size: 1.5rem; line-height: 1.25; font-weight: 650; letter-spacing: -.015em; }
h2 { font-size: 1.125rem; font-weight: 620; margin: 2.25rem 0 .25rem; }
a { color: var(--accent); text-underline-offset: .2em; }
code { font: .875em/1.5 ui-monospace, "SF Mono", Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
svg { fill: none; stroke: currentColor; stroke-width: 2.25; stroke-linecap: round; stroke-linejoin: round; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
.verdict {
  display: flex; gap: 1rem; align-items: center; padding: 1.25rem 1.5rem; border-radius: 14px;
  border: 1px solid currentColor;
}
.verdict p { color: var(--text); }
.verdict a { color: inherit; }
.verdict svg { width: 2.75rem; height: 2.75rem; flex: none; padding: .5rem; border-radius: 50%; border: 2px solid; }
.good { background: var(--good-soft); color: var(--good); }
.bad { background: var(--bad-soft); color: var(--bad); }
.facts { display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; margin-top: 1.25rem; padding: 0 .25rem; }
.facts dt, td dt { color: var(--muted); font-size: .8125rem; }
.facts dd { overflow-wrap: anywhere; }
.tally { color: var(--muted); margin-bottom: .75rem; }
.scroll { overflow-x: auto; background: var(--surface); border: 1px solid var(--line); border-radius: 14px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .625rem .875rem; border-top: 1px solid var(--line); }
thead th {
  border-top: 0; background: var(--soft); color: var(--muted); font-size: .8125rem; font-weight: 600;
}
tbody th { font-weight: 500; width: 30%; }
tbody th code { display: block; color: var(--muted); font-weight: 400; }
.number { color: var(--muted); font-variant-numeric: tabular-nums; text-align: right; width: 3rem; }
td dl { display: grid; gap: .25rem; }
td dl div { display: grid; grid-template-columns: 5rem minmax(0, 1fr); gap: .5rem; align-items: baseline; }
tr.refused > * { background: var(--bad-soft); }
tr.refused .number { box-shadow: inset 4px 0 var(--bad); }
tr.refused td dt { color: inherit; }
tr.not-reached > * { color: var(--muted); }
.badge {
  display: inline-flex; align-items: center; gap: .375rem; white-space: nowrap; font-size: .875rem; font-weight: 550;
  padding: .125rem .625rem .125rem .5rem; border-radius: 999px; border: 1px solid var(--line); color: var(--muted);
  background: var(--surface);
}
.badge svg { width: .9375rem; height: .9375rem; }
.badge.passed { color: var(--good); background: var(--good-soft); border-color: transparent; }
.badge.refused { color: var(--bad); border-color: currentColor; }
summary { cursor: pointer; }
.legend { display: grid; gap: .5rem; margin-top: .75rem; }
.legend div { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: 1rem; align-items: baseline; }
.legend dd { color: var(--muted); }
footer { margin-top: 2.5rem; color: var(--muted); font-size: .875rem; }
@media (max-width: 44rem) {
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table, tbody { display: block; }
  tbody tr { display: grid; grid-template-columns: 2.25rem minmax(0, 1fr) auto; padding: .625rem .75rem; }
  tbody tr + tr { border-top: 1px solid var(--line); }
  tbody tr > * { border: 0; padding: 0; width: auto; }
  tbody td:last-child { grid-column: 2 / -1; }
  tbody td:last-child dl { margin-top: .375rem; }
  .number { text-align: left; }
  tr.refused { background: var(--bad-soft); box-shadow: inset 4px 0 var(--bad); }
  tr.refused .number { box-shadow: none; }
  td dl div, .legend div { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
@media print {
  body { padding: 0; background: none; }
  .scroll { overflow: visible; border-radius: 0; }
  tr { break-inside: avoid; }
}
"""

// Renders the history, newest first, with its filter.

import { html, type Html } from '../../../core/text/html.ts';
import { changeKinds, historyEntryKinds, type HistoryEntry } from '../../../core/documents/history-entry.ts';
import { emptyState, keptFields, renderPage } from '../layout.ts';
import { readingsLanguages } from '../readings/readings-texts.ts';
import type { View } from '../view.ts';
import { renderEntries } from './entry-page.ts';
import { entriesPerPage, filterParameters, type EntryFilter } from './entry-filter.ts';

/** @param entries at most one page */
export function renderHistoryPage(entries: readonly HistoryEntry[], filter: EntryFilter, view: View): string {
  const { strings, here, link } = view;
  const texts = strings.pages.entries;
  const last = entries.length < entriesPerPage ? undefined : entries.at(-1)?.id;
  const csv = link('/ledger.csv', {
    cluster: filter.cluster,
    kind: filter.kind ?? filter.change,
    from: filter.from === '' ? undefined : filter.from,
    to: filter.to === '' ? undefined : filter.to,
    before: filter.beforeId === undefined ? undefined : String(filter.beforeId),
  });
  return renderPage(
    view,
    strings.pages.sections.ledger,
    html`<h1>${strings.pages.sections.ledger}</h1>
      <p class="quiet">${texts.explained}</p>
      ${renderFilter(filter, view)}
      ${entries.length === 0 ? emptyState(texts.none) : renderEntries(strings.pages.sections.ledger, entries, view)}
      <nav class="pager" aria-label="${strings.pages.sections.ledger}">
        ${filter.beforeId !== undefined && html`<a href="${here({ before: undefined })}">← ${texts.newest}</a>`}
        ${last !== undefined && html`<a rel="next" href="${here({ before: String(last) })}">${texts.older} →</a>`}
        ${entries.length > 0 && html`<a href="${csv}" download>${texts.csv}</a>`}
      </nav>`,
  );
}

function renderFilter(filter: EntryFilter, { strings, language, prefix, path, query, timeZone }: View): Html {
  const texts = strings.pages.entries;
  const ranges = readingsLanguages[language];
  const option = (value: string, text: string) =>
    html`<option value="${value}" ${value === (filter.kind ?? filter.change) && html`selected`}>${text}</option>`;
  const time = (name: 'from' | 'to', label: string) =>
    html`<label>${label} <input type="datetime-local" name="${name}" value="${filter[name]}" /></label>`;
  return html`<form class="filter" method="get" action="${prefix}${path}">
    ${keptFields(query, filterParameters)}
    <label
      >${strings.cluster} <input name="cluster" value="${filter.cluster ?? ''}" maxlength="249" dir="auto"
    /></label>
    <label
      >${texts.kind}
      <select name="kind">
        <option value="">${strings.pages.all}</option>
        ${historyEntryKinds.map((kind) => option(kind, texts.kinds[kind]))}
        <optgroup label="${texts.kinds.change}">
          ${changeKinds.map((kind) => option(kind, texts.changes[kind]))}
        </optgroup>
      </select></label
    >
    ${time('from', ranges.from(timeZone))} ${time('to', ranges.to(timeZone))}
    <button>${strings.pages.apply}</button>
  </form>`;
}

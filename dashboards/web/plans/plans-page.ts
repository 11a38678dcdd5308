// Renders the list of plans with their states, newest first.

import { html, type Content, type Html } from '../../../core/text/html.ts';
import type { OperationState } from '../../../core/documents/recorded-operation.ts';
import { emptyState, keptFields, named, renderPage } from '../layout.ts';
import { renderTableAlone, textColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { roundedDurationText } from '../../../core/text/duration-text.ts';
import { type PlanRow, type PlansContent, planTitle } from './plan-view.ts';
import { planLanguages, type PlanTexts } from './plan-texts.ts';

export function renderPlansPage({ rows, cluster, olderThan, isFirst }: PlansContent, view: View): string {
  const texts = planLanguages[view.language];
  const { strings, here, prefix, path, query } = view;
  return renderPage(
    view,
    strings.pages.sections.plans,
    html`<h1>${strings.pages.sections.plans}</h1>
      <p class="quiet">${texts.explained}</p>
      <form class="filter" method="get" action="${prefix}${path}">
        ${keptFields(query, ['cluster', 'before'])}
        <label>${strings.cluster} <input name="cluster" value="${cluster ?? ''}" maxlength="249" dir="auto" /></label>
        <button>${strings.pages.apply}</button>
      </form>
      <div data-live="plans">
        ${
          rows.length > 0
            ? renderGroups(rows, texts, view)
            : html`${cluster !== undefined && html`<p><bdi>${texts.noneOf(cluster)}</bdi></p>`}
              ${emptyState(texts.none)}`
        }
      </div>
      <nav class="pager" aria-label="${strings.pages.sections.plans}">
        ${!isFirst && html`<a href="${here({ before: undefined })}">← ${strings.pages.entries.newest}</a>`}
        ${olderThan !== undefined && html`<a rel="next" href="${here({ before: String(olderThan) })}">${strings.pages.entries.older} →</a>`}
      </nav>`,
  );
}

/** Renders one fold per cluster: open if an operation is running, and if there is only one fold. */
function renderGroups(rows: readonly PlanRow[], texts: PlanTexts, view: View): Content {
  const groups = [...Map.groupBy(rows, ({ entry }) => entry.cluster)];
  return groups.map(([cluster, own]) => {
    const isOpen = groups.length === 1 || own.some(({ state }) => state === 'under-way');
    const [newest] = own;
    return html`<details class="printed why" ${isOpen && html`open`}>
      <summary>
        ${cluster === undefined ? texts.noCluster : named(cluster)}${view.strings.aside(view.numbers.plain(own.length))}
        ${newest?.state !== undefined && stateText(newest.state, texts)}
      </summary>
      ${renderRows(`${view.strings.pages.sections.plans}: ${cluster ?? texts.noCluster}`, own, texts, view)}
    </details>`;
  });
}

function renderRows(title: string, rows: readonly PlanRow[], texts: PlanTexts, view: View): Html {
  const { strings, numbers, link, language } = view;
  return renderTableAlone(title, rows, [
    textColumn(
      texts.what,
      ({ entry }) => html`<a href="${link(`/plans/${entry.id}`)}">${planTitle(entry, language)}</a>`,
    ),
    textColumn(strings.cluster, ({ entry }) => entry.cluster && named(entry.cluster)),
    textColumn(texts.state, ({ state = 'planned' }) => stateText(state, texts)),
    textColumn(texts.extent, ({ entry }) => extentText(entry, texts, view)),
    textColumn(texts.duration, ({ entry }) => takesText(entry, view)),
    textColumn(strings.pages.entries.at, ({ entry }) => numbers.moment(entry.at)),
    textColumn(strings.pages.entries.by, ({ entry }) => named(entry.by.name)),
  ]);
}

/** Signs for readers who see no colours. */
const signs = {
  planned: { sign: '·', look: 'unknown' },
  'under-way': { sign: '▸', look: 'near' },
  done: { sign: '✓', look: 'ok' },
  aborted: { sign: '↺', look: 'stale' },
} satisfies Record<OperationState, { sign: string; look: string }>;

export function stateText(state: OperationState, texts: PlanTexts): Html {
  const { sign, look } = signs[state];
  return html`<span class="state ${look}"
    ><span class="symbol" aria-hidden="true">${sign}</span> ${texts.states[state]}</span
  >`;
}

function extentText({ kind, document }: PlanRow['entry'], texts: PlanTexts, { strings, numbers }: View): Content {
  if (kind === 'plan') return strings.pages.fleet.brokers(numbers.plain(document.brokers.length));
  const { moves, partitions, steps } = document;
  if (moves !== undefined) {
    return html`${texts.replicas(numbers.rate(moves.replicas))}${moves.bytes !== undefined && html` <span class="quiet">${numbers.bytes(moves.bytes)}</span>`}`;
  }
  if (partitions !== undefined) return texts.partitions(numbers.rate(partitions.all));
  return steps === undefined ? '–' : texts.stepsOf(numbers.plain(steps.length));
}

const takesText = ({ kind, document }: PlanRow['entry'], { language }: View): string =>
  kind === 'plan' || document.etaSeconds === undefined ? '–' : roundedDurationText(document.etaSeconds.mid, language);

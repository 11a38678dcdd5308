// Renders the history of a plan: its entries, its changes and notes on the execution.

import { html, type Content } from '../../../core/text/html.ts';
import { named } from '../layout.ts';
import { renderTableAlone, textColumn } from '../tables.ts';
import type { View } from '../view.ts';
import type { PlanContent } from './plan-view.ts';
import { planLanguages, type PlanTexts } from './plan-texts.ts';

const mostLines = 200;

interface Happening {
  at: string;
  by?: string;
  text: Content;
}

export function renderHistory({ entry, history }: PlanContent, view: View): Content {
  const texts = planLanguages[view.language];
  const { strings, numbers } = view;
  const happened: Happening[] = history.map((each) => ({
    at: each.at,
    by: each.by.name,
    text: textOf(each, entry.id, texts, view),
  }));
  const newest = history.find(({ kind }) => kind === 'operation') ?? entry;
  const log = newest.kind === 'operation' ? (newest.document.log ?? []) : [];
  const lines = log.map(({ at, says }): Happening => ({ at, text: html`<bdi lang="en">${says}</bdi>` }));
  const all = [...happened, ...lines].toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at));
  return html`<section data-live="happened">
    <h2 id="happened">${texts.happened}</h2>
    ${renderTableAlone(texts.happened, all.slice(0, mostLines), [
      textColumn(strings.pages.entries.at, ({ at }) => numbers.moment(at)),
      textColumn(strings.pages.entries.summary, ({ text }) => text),
      textColumn(strings.pages.entries.by, ({ by }) => by && named(by)),
    ])}
  </section>`;
}

function textOf(
  each: PlanContent['history'][number],
  shown: number,
  texts: PlanTexts,
  { strings, link }: View,
): Content {
  const { entries } = strings.pages;
  const why = each.why !== undefined && html` <span class="quiet"><bdi>${each.why}</bdi></span>`;
  if (each.kind === 'change') {
    const { what, after } = each.document;
    return html`${entries.changes[what]}${after !== undefined && html`${strings.colon}<bdi>${after}</bdi>`}${why}`;
  }
  const state = each.kind === 'operation' ? texts.states[each.document.state] : texts.states.planned;
  return html`${
    each.id === shown
      ? html`${state} (${texts.happenedNow})`
      : html`<a href="${link(`/plans/${each.id}`)}">${state}</a>`
  }${why}`;
}

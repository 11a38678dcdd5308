// Renders the what-if page: the safe maximum of the changed cluster beside the measured one.

import { punctuation } from '../../../core/text/punctuation.ts';
import { type Content, html, type Html, jsonBlock } from '../../../core/text/html.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import type { Analysis, Limit, SafeMaxTps } from '../../../core/documents/analysis.ts';
import type { AlternativeLimit, CarriedQuantity } from '../../../core/documents/what-if.ts';
import { causeText } from '../../../core/documents/reasons/missing-causes.ts';
import { renderClusterPages, renderCrumbs } from '../cluster/cluster-frame.ts';
import { emptyState, keptFields, renderPage, translated } from '../layout.ts';
import { intervalText, limitText, safeMaxText } from '../status-text.ts';
import { numberColumn, renderTable, renderTableAlone, textColumn } from '../tables.ts';
import type { View } from '../view.ts';
import type { QuantityField } from './quantities.ts';
import { renderWhatIfForm, valueText } from './what-if-form.ts';
import { whatIfLanguages } from './what-if-texts.ts';
import { renderChartTools } from '../chart-tools.ts';
import { limitRows, limitsChart } from './resource-limits.ts';

interface Carried {
  safeMaxTps: SafeMaxTps;
  binding: NonNullable<Analysis['binding']>;
  limits: readonly AlternativeLimit[];
}

interface Answered {
  kind: 'answered';
  /** The load test on which the what-if is based. */
  test: { id: number; at: string };
  /** Whether the disk use per message is unknown, so that a disk may limit first. */
  isDiskUnknown: boolean;
  now: Carried;
  /** Absent if nothing is changed, or a change is invalid. */
  otherwise?: Carried & { carried: readonly CarriedQuantity[] };
  /** Why the question has no answer. */
  refusal?: { message: string; hint: string };
}

type WhatIfAnswer = Answered | { kind: 'no-test' | 'busy' | 'too-long' } | ({ kind: 'refused' } & Refusal);
type Refusal = NonNullable<Answered['refusal']>;

export interface WhatIfContent {
  cluster: string;
  fields: readonly QuantityField[];
  answer: WhatIfAnswer;
}

export function renderWhatIfPage({ cluster, fields, answer }: WhatIfContent, view: View): string {
  const texts = whatIfLanguages[view.language];
  return renderPage(
    view,
    `${texts.title}${view.strings.colon}${cluster}`,
    html`${renderCrumbs(cluster, view)}
      <h1>${texts.title}</h1>
      ${renderClusterPages(cluster, 'what-if', view)}
      <p class="quiet">${texts.explained}</p>
      <div class="beside">
        ${renderWhatIfForm(cluster, fields, view)}
        <div data-part="answer">${renderAnswer(answer, fields, view)}</div>
      </div>
      ${answer.kind === 'answered' && renderLimits(answer, view)}
      <div data-part="carried">${answer.kind === 'answered' && renderCarried(answer, view)}</div>`,
    ['chart.js', 'bars.js', 'what-if.js'],
  );
}

/** Renders the choice of a cluster, if the address names none. */
export function renderWhatIfChoice(clusters: readonly string[], view: View): string {
  const { strings, prefix, path, query, language } = view;
  const texts = whatIfLanguages[language];
  return renderPage(
    view,
    texts.title,
    html`<h1>${texts.title}</h1>
      <p class="quiet">${texts.explained}</p>
      ${
        clusters.length === 0
          ? emptyState(strings.pages.fleet.none)
          : html`<form class="filter" method="get" action="${prefix}${path}">
              ${keptFields(query, ['cluster'])}
              <label
                >${strings.cluster}
                <select name="cluster">
                  ${clusters.map((name) => html`<option>${name}</option>`)}
                </select></label
              >
              <button>${strings.pages.apply}</button>
            </form>`
      }`,
  );
}

function renderAnswer(answer: WhatIfAnswer, fields: readonly QuantityField[], view: View): Content {
  const texts = whatIfLanguages[view.language];
  if (answer.kind === 'refused') return renderRefusal(answer, view);
  if (answer.kind !== 'answered') {
    return emptyState({ 'no-test': texts.noTest, busy: texts.busy, 'too-long': texts.tooLong }[answer.kind]);
  }
  const { test, now, otherwise, refusal, isDiskUnknown } = answer;
  const qualified = isDiskUnknown && html`<span class="quiet">${texts.unlessDisk}</span>`;
  const link = html`<a href="${view.link(`/ledger/${test.id}`)}"
    >${texts.test}${view.strings.comma}${view.numbers.moment(test.at)}</a
  >`;
  return html`<div class="cards">
    ${renderCard(texts.now, now, [qualified, link], view)}
    ${
      otherwise === undefined
        ? html`<section class="card">
            <h2>${texts.otherwise}</h2>
            ${
              refusal === undefined
                ? html`<p>${fields.some(({ fault }) => fault !== undefined) ? texts.pending : texts.unchanged}</p>`
                : renderRefusal(refusal, view)
            }
          </section>`
        : renderCard(texts.otherwise, otherwise, [qualified, ...notesOn(now, otherwise, view)], view)
    }
  </div>`;
}

const renderRefusal = ({ message, hint }: Refusal, { language }: View): Html =>
  html`<p class="verdict invalid">${whatIfLanguages[language].refused} <bdi lang="en">${message}; ${hint}</bdi></p>`;

function notesOn(
  now: Carried,
  otherwise: NonNullable<Answered['otherwise']>,
  { strings, numbers, language }: View,
): Content[] {
  const texts = whatIfLanguages[language];
  const [before, after] = [tpsOf(now.safeMaxTps), tpsOf(otherwise.safeMaxTps)];
  const names = otherwise.carried.flatMap(({ quantity, extrapolates }) =>
    extrapolates ? [texts.quantities[quantity]] : [],
  );
  const [first] = otherwise.limits;
  const isTooFar = otherwise.safeMaxTps.kind === 'at-least' && first?.isBeyondReach === true;
  return [
    before !== undefined &&
      after !== undefined &&
      before > 0 &&
      texts.change(numbers.signedPercent(after / before - 1)),
    isTooFar &&
      html`${texts.tooFar} <strong>${limitText(first.limitedBy, strings)}</strong>${punctuation[language].stop}`,
    names.length > 0 && html`<span class="verdict invalid">⚠ ${texts.byAssumption(names.join(strings.list))}</span>`,
  ];
}

/** Returns the rate only if a limit was found; a lower bound is not compared. */
const tpsOf = (safe: SafeMaxTps) => (safe.kind === 'predicted' || safe.kind === 'confirmed' ? safe.tps : undefined);

function renderCard(title: string, { safeMaxTps, binding }: Carried, notes: readonly Content[], view: View): Html {
  const { strings, language } = view;
  const said: Content[] = [
    'interval' in safeMaxTps && intervalText(safeMaxTps, view),
    safeMaxTps.kind === 'at-least' && strings.atLeast[safeMaxTps.reason],
    safeMaxTps.kind === 'unknown' &&
      html`${strings.missing}
        <bdi>${safeMaxTps.missing.map((each) => causeText(each, language)).join(punctuation[language].list)}</bdi>`,
    bindingText(safeMaxTps, binding, view),
    ...notes,
  ];
  return html`<section class="card ${tpsOf(safeMaxTps) !== undefined && 'safe'}">
    <h2>${title}${strings.colon}${strings.safeMax}${strings.inPerSecond}</h2>
    <p class="figure">${safeMaxText({ safeMaxTps }, view)}</p>
    ${said.filter((each) => each !== undefined && each !== false).map((each) => html`<p>${each}</p>`)}
  </section>`;
}

function bindingText(safe: SafeMaxTps, binding: Carried['binding'], { strings, numbers }: View): Content {
  const line = (limit: Limit, probability?: number) =>
    html`${strings.limitedBy}${strings.colon}<strong>${limitText(limit, strings)}</strong>${probability !== undefined && html`<span class="quiet">${strings.pages.probability(numbers.percent(probability))}</span>`}`;
  const [first] = binding;
  // The probability applies to a limit that was found; it is unknown for one beyond the tested rates.
  if (first !== undefined && tpsOf(safe) !== undefined) return line(first.limitedBy, first.probability);
  return 'limitedBy' in safe && line(safe.limitedBy);
}

function renderCarried({ otherwise }: Answered, view: View): Content {
  if (otherwise === undefined) return undefined;
  const texts = whatIfLanguages[view.language];
  return renderTable('carried-table', texts.carried, otherwise.carried, [
    textColumn(texts.quantity, ({ quantity }) => texts.quantities[quantity]),
    numberColumn(texts.asMeasured, ({ quantity, from }) =>
      ifKnown(from, (value) => valueText({ name: quantity }, value, texts)),
    ),
    numberColumn(texts.otherwise, ({ quantity, to }) => valueText({ name: quantity }, to, texts)),
    textColumn(texts.known, ({ extrapolates }) => texts.knownBy[extrapolates ? 'assumed' : 'measured']),
    textColumn(texts.how, ({ how, howZh }) => translated(how, howZh, view)),
  ]);
}

/** Renders the limits of each resource, as measured and as changed, as bars and a table. */
function renderLimits({ now: { limits: now }, otherwise: after, isDiskUnknown }: Answered, view: View): Html {
  const otherwise = after?.limits;
  const { strings } = view;
  const texts = whatIfLanguages[view.language];
  const rows = limitRows(now, otherwise);
  const column = (title: string, when: 'now' | 'otherwise') => ({
    title: `${title}${strings.inPerSecond}`,
    cell: (row: (typeof rows)[number]) => limitCell(row[when], view),
    value: (row: (typeof rows)[number]) => row[when]?.estimateTps,
  });
  return html`<section>
    <h2 id="limits-heading">${texts.limits}</h2>
    <figure>
      <div class="canvas" hidden><canvas id="limits" role="img" aria-label="${texts.limits}"></canvas></div>
      <figcaption>${texts.limitsExplained}</figcaption>
    </figure>
    ${renderChartTools({ chart: 'limits', table: 'limits-heading' }, view)}
    <div data-part="limits">
      ${jsonBlock('limits-data', limitsChart(rows, view))}
      ${
        rows.length === 0
          ? html`<p class="quiet">${texts.noLimits}</p>`
          : renderTableAlone(texts.limits, rows, [
              textColumn(strings.resource, ({ limitedBy }) => limitText(limitedBy, strings)),
              column(texts.now, 'now'),
              otherwise !== undefined && column(texts.otherwise, 'otherwise'),
            ])
      }
      ${isDiskUnknown && html`<p class="verdict">${texts.diskUnknown}</p>`}
    </div>
  </section>`;
}

function limitCell(limit: AlternativeLimit | undefined, { numbers, language }: View): Content {
  if (limit === undefined) return '–';
  const { estimateTps, interval, isBeyondReach } = limit;
  const high = interval.high === undefined ? '…' : numbers.rate(interval.high);
  return html`${numbers.rate(estimateTps)} <span class="quiet">${numbers.rate(interval.low)}–${high}</span> ${
      isBeyondReach && html`<span class="quiet">${whatIfLanguages[language].beyondReach}</span>`
    }`;
}

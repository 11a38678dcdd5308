// Renders the reserves of a planned cluster and every shape that was rejected.

import { punctuation } from '../../../core/text/punctuation.ts';
import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Rejection } from '../../../core/documents/cluster-plan.ts';
import { rejectionText } from '../../../core/documents/reasons/rejection-reasons.ts';
import { reserveNames, reserveWhy, survivedText } from '../../../core/documents/reasons/reserve-reasons.ts';
import { html, type Content, type Html } from '../../../core/text/html.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { renderFindingList } from '../findings.ts';
import { named } from '../layout.ts';
import { renderTableAlone, textColumn, numberColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { amountText, labelOf, limitName, type SizedCluster } from './sized-cluster.ts';
import { blastRadiusLanguages } from './blast-radius-texts.ts';
import { sizingLanguages } from './sizing-texts.ts';

/** Limit, because rejections multiply shapes by modes; the closest ones come first. */
const mostRejections = 30;

export function renderWhy({ entry, plan }: SizedCluster, view: View): Html {
  const { strings, link } = view;
  const texts = sizingLanguages[view.language];
  return html`<details class="why" id="plan-${entry}">
    <summary>${named(labelOf(plan))}</summary>
    ${plan.promise.survives.length > 0 && html`<p>${texts.survives}${strings.colon}${survivedText(plan.promise, view.language)}</p>`}
    ${
      plan.findings.length > 0 &&
      html`<h3>${strings.findings}</h3>
        ${renderFindingList(plan.findings, view)}`
    }
    ${renderMargin({ entry, plan }, view)} ${renderRejections(plan.rejections, view)}
    <p>
      <a href="${link(`/sizing/${entry}/blast-radius`)}">${blastRadiusLanguages[view.language].link}</a>
    </p>
    <p class="quiet"><a href="${link(`/ledger/${entry}`)}">${texts.entry}</a></p>
  </details>`;

  function renderMargin({ plan: { margin } }: SizedCluster, { numbers }: View): Html {
    const { resource, base, installed, entries, product } = margin;
    const hasCosts = entries.some(({ cost }) => cost !== undefined);
    return html`<h3>${texts.margin}${punctuation[view.language].colon}${limitName(resource, view)}</h3>
      <p>
        ${texts.marginSum(
          amountText(base.value, base.unit, view),
          numbers.plain(product),
          amountText(installed, base.unit, view),
        )}
      </p>
      ${renderTableAlone(`${texts.margin}${punctuation[view.language].colon}${labelOf(plan)}`, entries, [
        textColumn(texts.reserve, ({ reserve }) => reserveNames[view.language][reserve]),
        { title: texts.factor, cell: ({ factor }) => `× ${numbers.plain(factor)}`, value: ({ factor }) => factor },
        hasCosts && {
          title: texts.costOfReserve,
          cell: ({ cost }) => (cost === undefined ? '–' : numbers.plain(Math.round(cost))),
          value: ({ cost }) => cost,
        },
        textColumn(texts.why, (each) => reserveWhy(each, view.language)),
      ])}`;
  }

  function renderRejections(rejections: readonly Rejection[], { numbers }: View): Content {
    const heading = html`<h3>${texts.rejections}</h3>`;
    if (rejections.length === 0)
      return html`${heading}
        <p class="quiet">${texts.noRejections}</p>`;
    const more = rejections.length - mostRejections;
    return html`${heading}
    ${renderTableAlone(`${texts.rejections}: ${labelOf(plan)}`, rejections.slice(0, mostRejections), [
      textColumn(texts.shape, ({ shape }) => (shape === 'any' ? texts.anyShape : named(shape))),
      textColumn(texts.mode, ({ broker, mode }) => `${traitsOf(broker).displayName}, ${mode}`),
      textColumn(strings.verdict, ({ reason }) => texts.reasons[reason]),
      textColumn(strings.limitedBy, ({ resource }) => limitName(resource, view)),
      numberColumn(texts.wouldTake, ({ brokers }) => ifKnown(brokers, numbers.plain)),
      textColumn(texts.why, ({ cause }) => rejectionText(cause, view.language)),
    ])}
    ${more > 0 && html`<p class="quiet">${texts.more(numbers.plain(more))}</p>`}`;
  }
}

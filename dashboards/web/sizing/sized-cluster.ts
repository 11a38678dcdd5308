// Formats the figures of a planned cluster: demand, safe maximum, headroom and bottleneck.

import type { ClusterPlan, Estimate, PlanLimit, Rejection } from '../../../core/documents/cluster-plan.ts';
import { type Content, html, type Html } from '../../../core/text/html.ts';
import type { BarsData } from '../bars-data.ts';
import type { View } from '../view.ts';
import { planModeNames, sizingLanguages } from './sizing-texts.ts';
import { naturalOrder } from '../../../core/text/natural-order.ts';
import { bitRateText, ifKnown, unitText } from '../../../core/text/quantity-text.ts';
import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { rejectionText } from '../../../core/documents/reasons/rejection-reasons.ts';
import { reserveNames, reserveWhy, survivedText } from '../../../core/documents/reasons/reserve-reasons.ts';
import { renderFindingList } from '../findings.ts';
import { named } from '../layout.ts';
import { figuresOf, numberColumn, renderTableAlone, textColumn } from '../tables.ts';
import { blastRadiusLanguages } from './blast-radius-texts.ts';

export interface SizedCluster {
  /** Id of its entry in the history. */
  entry: number;
  plan: ClusterPlan;
}

/**
 * Computes headroom at the expected peak (middle estimates): relative to the safe maximum, and to the safe maximum
 * after the loss.
 */
export function headroomsOf({ promise }: ClusterPlan): { up: number; afterLoss: number } {
  const { peakTps, safeTps, afterLossTps } = promise;
  return { up: 1 - peakTps.mid / safeTps.mid, afterLoss: 1 - peakTps.mid / afterLossTps.mid };
}

/** Sorts by headroom after the loss, least first, because plans are made for it. */
export function tightestFirst(clusters: readonly SizedCluster[]): SizedCluster[] {
  return clusters.toSorted(
    (one, other) =>
      headroomsOf(one.plan).afterLoss - headroomsOf(other.plan).afterLoss ||
      naturalOrder(one.plan.name, other.plan.name),
  );
}

/** Returns the domain of a dedicated cluster; for a shared or partial one also the cluster name. */
export function labelOf({ name, domains }: ClusterPlan, { strings }: Pick<View, 'strings'>): string {
  const names = domains.map((domain) => domain.name).join(strings.list);
  return names === name || names === '' ? name : names + strings.aside(name);
}

export function demandChart(clusters: readonly SizedCluster[], view: View): BarsData {
  const { strings, language } = view;
  const texts = sizingLanguages[language];
  const series = (label: string, colour: string, of: 'peakTps' | 'safeTps' | 'afterLossTps') => ({
    label,
    colour,
    bars: clusters.map(({ plan }) => {
      const { low, mid, high } = plan.promise[of];
      return { value: mid, low, high };
    }),
  });
  return {
    language,
    axis: texts.logarithmic(strings.perSecond),
    rows: clusters.map(({ plan }) => labelOf(plan, view)),
    notes: clusters.map(({ plan }) => limitName(plan.promise.limitedBy, view)),
    isLogarithmic: true,
    series: [
      series(texts.demand, 'series-2', 'peakTps'),
      series(texts.afterLoss, 'series-1', 'afterLossTps'),
      series(strings.safeMax, 'quiet', 'safeTps'),
    ],
  };
}

export function limitName(limit: PlanLimit, { strings, language }: Pick<View, 'strings' | 'language'>): string {
  const { limits } = sizingLanguages[language];
  return limit in strings.names
    ? strings.names[limit as keyof typeof strings.names]
    : limits[limit as keyof typeof limits];
}

/** Renders the middle estimate, and below it the interval. */
export function estimateText({ low, mid, high }: Estimate, { numbers }: View): Html {
  return html`${numbers.rate(mid)}
  ${low !== high && html`<span class="quiet">${numbers.rate(low)}–${numbers.rate(high)}</span>`}`;
}

export function amountText(value: number, unit: string, { numbers, language }: View): string {
  if (unit === 'bytes') return numbers.bytes(value);
  return unit === 'bytes/s'
    ? `${numbers.bytes(value)}/s`
    : `${numbers.plain(value)} ${unitText(unit, language, value)}`;
}

export function brokersText({ brokers, shape }: ClusterPlan, { numbers, language }: View): Html {
  const { name, cores, memoryBytes, networkBitsPerSecond } = shape;
  const texts = sizingLanguages[language];
  const machine = texts.machine(
    numbers.plain(cores),
    `${numbers.plain(memoryBytes / 2 ** 30)} GiB`,
    bitRateText(networkBitsPerSecond),
  );
  return html`${numbers.plain(brokers.length)} × <bdi title="${name}">${name}</bdi>
    <span class="quiet">${machine}</span>`;
}

/** Limit, because rejections multiply shapes by modes; the closest ones come first. */
const mostRejections = 30;

export function renderWhy({ entry, plan }: SizedCluster, view: View): Html {
  const { strings, link } = view;
  const texts = sizingLanguages[view.language];
  return html`<details class="why" id="plan-${entry}">
    <summary>${named(labelOf(plan, view))}</summary>
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
    return html`<h3>
        ${texts.margin}${strings.aside(`${strings.limitedBy}${strings.colon}${limitName(resource, view)}`)}
      </h3>
      <p>
        ${texts.marginSum(
          amountText(base.value, base.unit, view),
          numbers.plain(product),
          amountText(installed, base.unit, view),
        )}
      </p>
      ${renderTableAlone(`${texts.margin}${strings.colon}${labelOf(plan, view)}`, entries, [
        textColumn(texts.reserve, ({ reserve }) => reserveNames[view.language][reserve]),
        { title: texts.factor, cell: ({ factor }) => `× ${numbers.plain(factor)}`, value: ({ factor }) => factor },
        figuresOf(entries)(
          texts.costOfReserve,
          (each) => each.cost,
          (cost) => numbers.plain(Math.round(cost)),
        ),
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
    ${renderTableAlone(
      `${texts.rejections}${strings.colon}${labelOf(plan, view)}`,
      rejections.slice(0, mostRejections),
      [
        textColumn(texts.shape, ({ shape }) => (shape === 'any' ? texts.anyShape : named(shape))),
        textColumn(
          texts.mode,
          ({ broker, mode }) => `${traitsOf(broker).displayName}${strings.comma}${planModeNames[view.language][mode]}`,
        ),
        textColumn(texts.rejected, ({ reason }) => texts.reasons[reason]),
        textColumn(strings.limitedBy, ({ reason, resource }) => (reason === 'rule' ? '–' : limitName(resource, view))),
        numberColumn(texts.wouldTake, ({ brokers }) => ifKnown(brokers, numbers.plain)),
        textColumn(texts.why, ({ cause }) => rejectionText(cause, view.language)),
      ],
    )}
    ${more > 0 && html`<p class="quiet">${texts.more(numbers.plain(more))}</p>`}`;
  }
}

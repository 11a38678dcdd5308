// Renders the newest sizing of all domains with brokers and reserves, tightest first.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { JudgedProposal, RefusedDomain } from '../../../core/documents/cluster-plan.ts';
import { refusalText } from '../../../core/documents/reasons/rejection-reasons.ts';
import { type Content, html, type Html, jsonBlock } from '../../../core/text/html.ts';
import { renderChartTools } from '../chart-tools.ts';
import { renderFindingList, renderFindings } from '../findings.ts';
import { named, renderPage } from '../layout.ts';
import { renderPager } from '../pager.ts';
import { figureColumn, numberColumn, renderFact, renderTable, renderTableAlone, textColumn } from '../tables.ts';
import type { View } from '../view.ts';
import {
  brokersText,
  demandChart,
  estimateText,
  headroomsOf,
  limitName,
  renderWhy,
  type SizedCluster,
  tightestFirst,
} from './sized-cluster.ts';
import { planModeNames, sizingLanguages } from './sizing-texts.ts';
import { named as someOf } from '../../../core/text/bilingual.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';

/** A domain without a cluster. */
type Refused = Omit<RefusedDomain, 'rejections'>;

export interface Planning {
  /** ISO 8601. */
  at: string;
  /** Id of the newest of its entries. */
  entry: number;
  by: string;
  evidence?: string;
  /** Absent in plans recorded before it was stored. */
  costUnit?: string;
  clusters: readonly SizedCluster[];
  refused: readonly Refused[];
  /** Findings on the whole plan; findings on one cluster are with that cluster. */
  findings: readonly Finding[];
  judged: readonly JudgedProposal[];
  /** Whether more clusters exist than are shown. */
  isCut: boolean;
}

/** Limit per page, because each cluster lists its reserves and rejected shapes. */
export const clustersPerPage = 20;

export function renderSizingPage(planning: Planning | undefined, view: View): string {
  const texts = sizingLanguages[view.language];
  const heading = html`<h1>${view.strings.pages.sections.sizing}</h1>
    <p class="quiet">${texts.explained}</p>`;
  if (planning === undefined) {
    return renderPage(
      view,
      view.strings.pages.sections.sizing,
      html`${heading}
        <p>${texts.none}</p>
        <p>
          <code>plimsoll size domains.yaml --json &gt; plan.json</code><br /><code>plimsoll history add plan.json</code>
        </p>
        <p class="quiet">${texts.noneHint}</p>`,
    );
  }
  const sorted = tightestFirst(planning.clusters);
  const pages = Math.max(1, Math.ceil(sorted.length / clustersPerPage));
  const pageNumber = Number(view.query.get('page') ?? 1);
  const page = Number.isSafeInteger(pageNumber) && pageNumber > 0 ? Math.min(pageNumber, pages) : 1;
  const shown = sorted.slice((page - 1) * clustersPerPage, page * clustersPerPage);
  return renderPage(
    view,
    view.strings.pages.sections.sizing,
    html`${heading} ${renderPlanning(planning, view)} ${renderRefused(planning.refused, view)}
      <section>
        <h2 id="demand-heading">${texts.chart}</h2>
        <figure>
          <div class="canvas ${shown.length > 12 ? 'taller' : shown.length > 5 && 'tall'}" hidden>
            <canvas id="demand" role="img" aria-label="${texts.chart}"></canvas>
          </div>
          <figcaption>${texts.chartExplained}</figcaption>
        </figure>
        ${renderChartTools({ chart: 'demand', table: 'demand-heading' }, view)}
        ${jsonBlock('demand-data', demandChart(shown, view))} ${renderClusters(shown, view)}
      </section>
      ${renderPager({ page, pages }, view)}
      <h2 id="why">${texts.whole}</h2>
      ${shown.map((each) => renderWhy(each, view))}`,
    ['chart.js', 'bars.js'],
  );
}

function renderPlanning(planning: Planning, view: View): Html {
  const { at, entry, by, evidence, clusters, costUnit, refused, findings, judged, isCut } = planning;
  const { numbers, query, here, strings } = view;
  const texts = sizingLanguages[view.language];
  const brokers = clusters.reduce((sum, { plan }) => sum + plan.brokers.length, 0);
  const costs = clusters.flatMap(({ plan }) => plan.cost ?? []);
  const total = numbers.plain(costs.reduce((sum, each) => sum + each, 0));
  return html`<p>
      ${texts.planned(numbers.moment(at))}
      ${named(by)}${evidence !== undefined && html`${strings.comma}${texts.from} <bdi><code>${evidence}</code></bdi>`}
      ${
        query.has('until')
          ? html`<a href="${here({ until: undefined, page: undefined })}">${texts.newest}</a>`
          : html`<a href="${here({ until: String(entry) })}">${texts.lasting}</a>`
      }
    </p>
    <dl class="facts">
      ${renderFact(texts.clusters, numbers.plain(clusters.length))} ${renderFact(texts.brokers, numbers.plain(brokers))}
      ${
        costUnit !== undefined &&
        costs.length === clusters.length &&
        renderFact(texts.cost, costUnit === 'hosts' ? `${total} ${texts.hosts}` : texts.monthly(costUnit, total))
      }
      ${
        refused.length > 0 &&
        renderFact(
          texts.notIncluded,
          someOf(
            refused.map(({ domain }) => domain),
            3,
            view.language,
          ),
        )
      }
    </dl>
    ${isCut && html`<p class="verdict invalid">${texts.cut(numbers.plain(clusters.length))}</p>`}
    ${findings.length > 0 && renderFindings(findings, view)} ${renderJudged(judged, view)}`;
}

function renderRefused(refused: readonly Refused[], view: View): Content {
  if (refused.length === 0) return undefined;
  const texts = sizingLanguages[view.language];
  return renderTable(
    'refused',
    texts.refused,
    refused,
    [
      textColumn(texts.domain, ({ domain }) => named(domain)),
      textColumn(texts.why, ({ cause }) => refusalText(cause, view.language).reason),
      textColumn(texts.hint, ({ cause }) => refusalText(cause, view.language).hint),
    ],
    () => 'over',
  );
}

function renderClusters(clusters: readonly SizedCluster[], view: View): Html {
  const { strings, numbers } = view;
  const texts = sizingLanguages[view.language];
  const rate = rateColumns<SizedCluster>(({ plan }) => plan.promise, view);
  return renderTableAlone(
    texts.chart,
    clusters,
    [
      {
        title: texts.domain,
        text: true,
        cell: ({ plan }) =>
          plan.domains.map(
            ({ name, share }) =>
              html`<div>
                ${named(name)} ${share < 1 && html`<span class="quiet">${texts.share(numbers.percent(share))}</span>`}
              </div>`,
          ),
        value: ({ plan }) => plan.domains.map(({ name }) => name).join(' '),
      },
      {
        title: strings.cluster,
        text: true,
        cell: ({ entry, plan }) =>
          html`<a href="#plan-${entry}">${named(plan.name)}</a>
            <span class="quiet"
              >${traitsOf(plan.broker).displayName}${strings.comma}${planModeNames[view.language][plan.mode]}</span
            >`,
        value: ({ plan }) => plan.name,
      },
      {
        title: texts.brokers,
        text: true,
        cell: ({ plan }) => brokersText(plan, view),
        value: ({ plan }) => `${plan.brokers.length} × ${plan.shape.name}`,
      },
      rate(texts.demand, 'peakTps'),
      rate(strings.safeMax, 'safeTps'),
      {
        title: strings.pages.headroom,
        cell: ({ plan }) => {
          const { up, afterLoss } = headroomsOf(plan);
          return html`${numbers.percent(up)}
            <span class="quiet">${texts.leftAfterLoss(numbers.percent(afterLoss))}</span>`;
        },
        value: ({ plan }) => headroomsOf(plan).up,
      },
      rate(texts.afterLoss, 'afterLossTps'),
      numberColumn(strings.pages.cluster.binds, ({ plan }) => limitName(plan.promise.limitedBy, view)),
      figureColumn(texts.enough, ({ plan }) => plan.promise.probabilityEnough, numbers.percent),
    ],
    ({ plan }) => (headroomsOf(plan).afterLoss < 0 ? 'over' : ''),
  );
}

function rateColumns<Row>(promiseOf: (row: Row) => JudgedProposal['promise'], view: View) {
  return (title: string, of: 'peakTps' | 'safeTps' | 'afterLossTps') => ({
    title: `${title}${view.strings.inPerSecond}`,
    cell: (row: Row) => {
      const estimate = promiseOf(row)?.[of];
      return estimate && estimateText(estimate, view);
    },
    value: (row: Row) => promiseOf(row)?.[of].mid,
  });
}

/** Renders the proposed clusters of a plan, each compared with the demand of its domain. */
function renderJudged(judged: readonly JudgedProposal[], view: View): Content {
  if (judged.length === 0) return undefined;
  const { strings, numbers, language } = view;
  const texts = sizingLanguages[language];
  const rate = rateColumns<JudgedProposal>(({ promise }) => promise, view);
  return renderTable(
    'proposed',
    texts.proposed,
    judged,
    [
      textColumn(texts.domain, ({ domain }) => named(domain)),
      textColumn(
        texts.mode,
        ({ broker, mode }) => `${traitsOf(broker).displayName}${strings.comma}${planModeNames[language][mode]}`,
      ),
      textColumn(
        texts.brokers,
        (each) => html`${numbers.plain(brokersOf(each, each.masters))} × <bdi>${each.shape}</bdi>`,
      ),
      textColumn(strings.verdict, ({ verdict }) => texts.judgements[verdict]),
      rate(texts.demand, 'peakTps'),
      rate(strings.safeMax, 'safeTps'),
      rate(texts.afterLoss, 'afterLossTps'),
      numberColumn(texts.wouldTake, (each) =>
        ifKnown(each.mastersNeeded, (masters) => numbers.plain(brokersOf(each, masters))),
      ),
      textColumn(strings.findings, ({ findings }) => (findings.length === 0 ? '–' : renderFindingList(findings, view))),
    ],
    ({ verdict }) => (verdict === 'not-enough' ? 'over' : ''),
  );
}

/** Number of brokers including slaves. */
const brokersOf = ({ broker, replicas }: JudgedProposal, masters: number): number =>
  traitsOf(broker).copies === 'any-broker' ? masters : masters * replicas;

// Renders the figures at the top of a cluster page: safe maximum, load, headroom and the fullest disk.

import { punctuation } from '../../../core/text/punctuation.ts';
import { html, type Content, type Html } from '../../../core/text/html.ts';
import type { ClusterStatus } from '../../../core/documents/cluster-status.ts';
import { lossName, nodeText } from '../../../core/text/quantity-text.ts';
import { termHelp } from '../help/help-link.ts';
import { named } from '../layout.ts';
import {
  afterLossText,
  currentSafeMaxText,
  bindingText,
  hasKnownLimit,
  headroomKind,
  headroomText,
  intervalText,
  nowText,
  ofAllBrokersText,
  toLimitText,
} from '../status-text.ts';
import { labelledTrust } from '../trust-text.ts';
import type { View } from '../view.ts';
import { brokerPath } from './cluster-frame.ts';
import { clusterLanguages } from './cluster-texts.ts';
import type { ClusterView, FullestDisk } from './cluster-view.ts';

export function renderFigures({ status, disk }: ClusterView, view: View): Html {
  const { strings, numbers } = view;
  const { verdict, withoutOne, safeMaxTps } = status;
  const texts = strings.pages.cluster;
  const kind = headroomKind(status);
  const afterLoss = afterLossText(status, view);
  const { open, close } = punctuation[view.language];
  const card = (title: Content, style: string, figure: Content, ...notes: Content[]) =>
    html`<section class="card ${style}">
      <h2>${title}</h2>
      <p class="figure">${figure}</p>
      ${notes.filter((note) => note !== undefined && note !== false).map((note) => html`<p class="quiet">${note}</p>`)}
    </section>`;
  return html`<div class="cards">
    ${card(
      html`${strings.safeMax}${strings.inPerSecond} ${termHelp('safe maximum', view)}`,
      kind === 'safe' ? kind : '',
      currentSafeMaxText(status, view),
      hasKnownLimit(status) &&
        html`${strings.limitedBy}${punctuation[view.language].colon}${bindingText(status, view)}`,
      safeMaxTps !== undefined &&
        'interval' in safeMaxTps &&
        html`${intervalText(safeMaxTps, view)} ${ofAllBrokersText(status, view)}`,
      verdict && verdictLink(verdict, view),
      labelledTrust(status, view),
      verdict !== undefined &&
        verdict.drifted.length > 0 &&
        html`${texts.drifted} <bdi>${verdict.drifted.map(({ setting }) => setting).join(strings.list)}</bdi>`,
    )}
    ${card(
      `${strings.pages.now}${strings.inPerSecond}`,
      '',
      nowText(status, view),
      status.now?.consumeTps !== undefined && strings.pages.consumed(numbers.rate(status.now.consumeTps)),
      status.now &&
        html`${numbers.moment(status.now.at)}${strings.comma}${strings.pages.source}${strings.colon}<bdi
            >${status.now.source}</bdi
          >`,
    )}
    ${card(
      html`${strings.pages.headroom} ${termHelp('headroom', view)}`,
      kind,
      headroomText(status, view),
      withoutOne !== undefined &&
        afterLoss !== undefined &&
        html`${strings.pages.fleet.withoutOne}${open}${strings.pages.fleet.without}
          <bdi>${lossName(withoutOne, view.language)}</bdi>${close}${strings.colon}${afterLoss}`,
      html`${strings.pages.fleet.toLimit}${strings.colon}${toLimitText(status, view)}`,
    )}
    ${disk && card(html`${clusterLanguages[view.language].fullestDisk} ${termHelp('policy limit', view)}`, diskKind(disk), html`<strong>${numbers.percent(disk.ratio)}</strong>`, ...diskNotes(disk, status.cluster, view))}
  </div>`;
}

export const verdictLink = (
  { entry, ageSeconds }: Pick<NonNullable<ClusterStatus['verdict']>, 'entry' | 'ageSeconds'>,
  { strings, numbers, link }: View,
): Html => html`<a href="${link(`/ledger/${entry}`)}">${strings.pages.verdictAgo(numbers.span(ageSeconds))}</a>`;

const diskKind = ({ ratio, limitRatio, secondsToNext = Infinity }: FullestDisk) =>
  ratio >= limitRatio ? 'full' : secondsToNext < daySeconds ? '' : 'safe';
const daySeconds = 86_400;

function diskNotes(disk: FullestDisk, cluster: string, view: View): Content[] {
  const { numbers, strings, link, language } = view;
  const texts = clusterLanguages[language];
  const { broker, limitRatio, overSeconds, next, secondsToNext } = disk;
  return [
    html`<a href="${link(brokerPath(cluster, broker))}">${named(nodeText(broker, language))}</a
      >${strings.comma}${strings.policyLimit} ${numbers.percent(limitRatio)}`,
    overSeconds === undefined
      ? texts.noDiskTrend
      : html`${texts.diskLevels[next]}${punctuation[language].colon}${secondsToNext === undefined ? texts.notWithinMonth : html`<strong>${numbers.until(secondsToNext)}</strong>`}`,
    overSeconds !== undefined && strings.pages.atTrend(numbers.span(overSeconds)),
    diskKind(disk) !== 'safe' && texts.diskActions,
  ];
}

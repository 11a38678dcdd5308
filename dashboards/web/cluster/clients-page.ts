// Renders the bottleneck use of each client of a cluster, the largest first.

import type { ClientCost, ClientCosts, CountedUse } from '../../../core/client-cost.ts';
import type { ClusterStatus } from '../../../core/documents/cluster-status.ts';
import { html, type Content } from '../../../core/text/html.ts';
import { emptyState, named, namedLink } from '../layout.ts';
import { punctuation } from '../../../core/text/punctuation.ts';
import { bindingText, ofAllBrokersText } from '../status-text.ts';
import { figuresOf, renderTableAlone, textColumn, type Column } from '../tables.ts';
import type { View } from '../view.ts';
import { clientsLanguages } from './clients-texts.ts';
import { clusterLanguages } from './cluster-texts.ts';
import { clusterPath, renderClusterFrame } from './cluster-frame.ts';
import { renderLookup, renderNotices, type LookupAnswer } from './lookup-notice.ts';

export interface ClientsContent {
  status: ClusterStatus;
  answer: LookupAnswer<ClientsAnswer>;
}

export interface ClientsAnswer {
  costs: Omit<ClientCosts, 'clients'>;
  /** The clients with the largest use. */
  clients: readonly (ClientCost & { owners: readonly string[] })[];
  /** Number of other clients. */
  more: number;
  sampledTopics: number;
  /** Producers that put few messages into a request, the largest use first, and their share of the safe maximum. */
  smallBatches?: { clients: readonly ClientCost[]; shareOfSafeMax: number };
  /** On Kafka: use as counted by brokers; empty if no quota makes them count, absent if no agent was queried. */
  counted?: readonly CountedUse[];
  /** Command that makes brokers count clients; absent if they already do, or cannot. */
  countCommand?: string;
  notices: readonly string[];
}

/** Producers active for less than this are marked as new, because unidentified ones are often reconnecting clients. */
const recentSeconds = 3600;

export function renderClientsPage({ status, answer }: ClientsContent, view: View): string {
  const texts = clientsLanguages[view.language];
  const { cluster, safeMaxTps } = status;
  const scope = ofAllBrokersText(status, view);
  const isKnown = safeMaxTps !== undefined && safeMaxTps.kind !== 'unknown';
  return renderClusterFrame(
    { cluster, page: 'clients', title: texts.title },
    html`<div data-live="clients">
      <p>${view.strings.pages.cluster.binds}${view.strings.colon}<strong>${bindingText(status, view)}</strong></p>
      <p>${isKnown ? html`${loadText(answer, view)}${scope && view.strings.aside(scope)}` : texts.noVerdict}</p>
      ${renderLookup(answer, view)} ${answer.kind === 'answered' && renderAnswer(cluster, answer.value, view)}
    </div>`,
    view,
  );
}

function loadText(answer: ClientsContent['answer'], { language, numbers }: View): Content {
  const load = answer.kind === 'answered' ? answer.value.costs.loadOfSafeMax : undefined;
  return load === undefined ? undefined : clientsLanguages[language].loadOfSafeMax(numbers.percent(load));
}

function renderAnswer(cluster: string, answer: ClientsAnswer, view: View): Content {
  const texts = clientsLanguages[view.language];
  const { numbers } = view;
  const { clients, more, costs, smallBatches, notices } = answer;
  return html`${
      smallBatches &&
      html`<p>
        ${texts.smallBatches(numbers.percent(smallBatches.shareOfSafeMax))}${view.strings.colon}${listed(smallBatches.clients, ({ by, name }) => named(texts.identities[by](name)), view)}
      </p>`
    }
    <h2 id="ranked">${texts.ranked}</h2>
    ${
      clients.length === 0
        ? emptyState(texts.noClients)
        : html`<p class="quiet">
              ${[
                texts.sharedBy[costs.by],
                texts.sampled(numbers.plain(answer.sampledTopics)),
                ...(clients.some(({ requestsPerSecond }) => requestsPerSecond !== undefined) ? [texts.perBatch] : []),
                ...(clients.some(({ by }) => by === 'producer-id') ? [texts.producerIds] : []),
              ].join(punctuation[view.language].space)}
            </p>
            ${renderTableAlone(texts.ranked, clients, columnsOf(cluster, answer, view))}
            ${more > 0 && html`<p class="quiet">${texts.more(numbers.plain(more))}</p>`}`
    }
    ${
      costs.unattributedShare !== undefined &&
      html`<p>
        ${texts.unattributed}${view.strings.colon}<strong>${numbers.percent(costs.unattributedShare)}</strong>${view.strings.aside(texts.unattributedExplained)}
      </p>`
    }
    ${renderCounted(answer, view)} ${renderNotices(notices, view)}`;
}

type Row = ClientsAnswer['clients'][number];

const perSecondIn =
  ({ numbers }: View) =>
  (bytes: number) =>
    `${numbers.bytes(bytes)}/s`;

function columnsOf(cluster: string, { clients }: ClientsAnswer, view: View): (Column<Row> | false)[] {
  const texts = clientsLanguages[view.language];
  const { numbers } = view;
  const perSecond = perSecondIn(view);
  const figure = figuresOf(clients);
  return [
    textColumn(texts.client, (row) => renderName(cluster, row, view)),
    figure(texts.shareOfSafeMax, (row) => row.shareOfSafeMax, numbers.percent),
    figure(texts.share, (row) => row.share, numbers.percent),
    figure(texts.rate, (row) => row.messagesPerSecond, numbers.rate),
    figure(texts.bytes, (row) => row.bytesPerSecond, perSecond),
    figure(texts.requests, (row) => row.requestsPerSecond, numbers.rate),
    figure(texts.perRequest, (row) => row.messagesPerRequest, numbers.plain),
    figure(texts.bytesPerRequest, (row) => row.bytesPerRequest, numbers.bytes),
    figure(
      texts.compression,
      (row) => row.compressionRatio,
      (ratio) => `${numbers.plain(ratio)}×`,
    ),
    textColumn(view.strings.pages.cluster.topics, ({ topics }) =>
      listed(
        topics,
        (topic) => html`<a href="${view.link(clusterPath(cluster, 'topics', topic))}">${named(topic)}</a>`,
        view,
      ),
    ),
    clients.some(({ owners }) => owners.length > 0) &&
      textColumn(texts.owner, ({ owners }) => html`<bdi>${owners.join(view.strings.list) || '–'}</bdi>`),
  ];
}

function renderName(cluster: string, { by, name, role, groups, activeSeconds }: Row, view: View): Content {
  const texts = clientsLanguages[view.language];
  const title = texts.identities[by](name);
  const isRecent = activeSeconds !== undefined && activeSeconds < recentSeconds;
  return html`${by === 'group' ? namedLink(clusterPath(cluster, 'groups', name), title, view) : named(title)}
    <span class="quiet">${texts.roles[role]}</span>
    ${groups && html`<span class="quiet">${texts.groups} ${groups.map((group) => html`${named(group)} `)}</span>`}
    ${isRecent && html`<strong>${texts.recent(view.numbers.span(activeSeconds))}</strong>`}`;
}

/** Limit of listed items; further ones are only counted. */
const mostListed = 3;

function listed<Item>(
  items: readonly Item[],
  shown: (item: Item) => Content,
  { strings, numbers, language }: View,
): Content {
  return html`${items.slice(0, mostListed).map((item, index) => html`${index > 0 && strings.list}${shown(item)}`)}
  ${items.length > mostListed && clusterLanguages[language].more(numbers.plain(items.length - mostListed))}`;
}

function renderCounted({ counted, countCommand }: ClientsAnswer, view: View): Content {
  if (counted === undefined) return undefined;
  const texts = clientsLanguages[view.language];
  const { numbers } = view;
  const heading = html`<h2 id="counted">${texts.counted}</h2>`;
  if (counted.length === 0) {
    return html`${heading}${emptyState(texts.notCounted)}${countCommand !== undefined && html`<pre><code>${countCommand}</code></pre>`}`;
  }
  const figure = figuresOf(counted);
  const columns: (Column<CountedUse> | false)[] = [
    textColumn(
      texts.client,
      ({ clientId, user, isThrottled }) =>
        html`${named(clientId ?? user ?? '')}${isThrottled && html` <strong>${texts.throttled}</strong>`}`,
    ),
    counted.some(({ user, clientId }) => user !== undefined && clientId !== undefined) &&
      textColumn(texts.user, ({ user }) => named(user ?? '–')),
    figure(texts.shareOfSafeMax, (row) => row.shareOfSafeMax, numbers.percent),
    figure(texts.shareOfThreads, (row) => row.shareOfThreads, numbers.percent),
    figure(texts.threadTime, (row) => row.threadSeconds, numbers.plain),
    figure(texts.produced, (row) => row.producedBytesPerSecond, perSecondIn(view)),
    figure(texts.fetched, (row) => row.fetchedBytesPerSecond, perSecondIn(view)),
  ];
  return html`${heading}
    <p class="quiet">${texts.countedExplained}</p>
    ${renderTableAlone(texts.counted, counted, columns)}`;
}

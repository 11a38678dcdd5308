// Renders the page of one broker: its state, runtime info and settings that differ from its peers.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import { html, type Content, type Html } from '../../../core/text/html.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { stateOf } from '../instances/instances-page.ts';
import { commandLine, named, prose, translated } from '../layout.ts';
import { renderReadings } from '../readings/readings-section.ts';
import { readingsLanguages } from '../readings/readings-texts.ts';
import type { ReadingsContent } from '../readings/readings-view.ts';
import { renderTable, textColumn, numberColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { renderReason } from '../broker-reason.ts';
import { renderLookup, renderNotices, type LookupAnswer } from './lookup-notice.ts';
import { renderBrokers } from './broker-table.ts';
import { dashboardOfBroker, renderClusterFrame } from './cluster-frame.ts';
import type { BrokerRow } from './cluster-view.ts';
import { clusterLanguages } from './cluster-texts.ts';
import { renderDifferences, renderFold, type SettingRow } from './settings-page.ts';

interface BrokerPart {
  part: string;
  kind: 'fresh' | 'kept' | 'missing' | 'skipped';
  ageSeconds?: number;
  reason?: string;
}

export interface BrokerContent {
  cluster: string;
  kind: BrokerKind;
  readAt: string;
  broker: BrokerRow;
  /** Kafka: partitions that reject acks=all if this broker is lost. */
  atMinimum: number;
  /** Replicas on this broker, or RocketMQ queues, and their topics. */
  held: { partitions: number; topics: number };
  /** For a slave: its master, and the replication lag. */
  slaveOf?: { master: string; behindBytes?: number };
  /** Absent if the page shows only the last reading. */
  readings?: ReadingsContent;
  /** Parts that are read from the broker, each with its age. */
  parts: readonly BrokerPart[];
  logDirectories: readonly {
    path: string;
    totalBytes?: number;
    usableBytes?: number;
    error?: string;
    isCordoned?: boolean;
  }[];
  /** Runtime info as the broker reports it. */
  runtime: readonly (readonly [key: string, value: string])[];
  answer: LookupAnswer<{ differences: readonly SettingRow[]; all: readonly SettingRow[]; notices: readonly string[] }>;
}

export function renderBrokerPage(content: BrokerContent, view: View): string {
  const { cluster, kind, readAt, broker, readings } = content;
  const { strings, numbers, language } = view;
  const texts = clusterLanguages[language];
  const recent = readings && renderReadings(readings, readingsLanguages[language].title, view);
  return renderClusterFrame(
    {
      cluster,
      page: 'overview',
      title: strings.broker,
      of: broker.id,
      dashboard: { uid: dashboardOfBroker[kind] },
    },
    html`<div data-live="broker">
        <p class="quiet">${texts.readAt(numbers.moment(readAt))}</p>
        ${broker.answers === false ? renderLost(content, view) : content.atMinimum > 0 && html`<p class="verdict invalid">${texts.thisLost(numbers.plain(content.atMinimum))}</p>`}
        ${renderBrokers({ cluster, brokers: [broker], isAlone: true }, view)} ${renderSlave(content, view)}
      </div>
      ${recent?.section}
      <div data-live="broker-parts">
        ${renderParts(content.parts, view)} ${renderDirectories(content.logDirectories, view)}
      </div>
      ${renderRuntime(content.runtime, view)} ${renderSettings(content.answer, view)}`,
    view,
    recent?.scripts,
  );
}

/** Renders since when the broker does not answer, what it holds, and where to look first. */
function renderLost({ kind, broker, held }: BrokerContent, view: View): Html {
  const { instance } = broker;
  const { strings, numbers, language, link } = view;
  const texts = clusterLanguages[language];
  const holds = traitsOf(kind).terms.partitions === 'queues' ? texts.holdsQueues : texts.holds;
  return html`<section class="card full" id="lost">
    <p>
      <strong>${texts.lostSince(broker.lastSeenAt && numbers.moment(broker.lastSeenAt))}</strong>
      ${held.partitions > 0 && holds(numbers.plain(held.partitions), numbers.plain(held.topics))}
    </p>
    ${
      instance === undefined
        ? html`<p>${texts.noInstance} ${broker.address !== undefined && named(broker.address)}</p>`
        : html`<p>
              <a href="${link('/instances')}">${named(instance.name)}</a> ${stateOf(instance, view)}
              ${strings.host}${strings.colon}${named(instance.host)}
              ${instance.reason !== undefined && html`<bdi class="quiet">${translated(instance.reason, instance.reasonZh, view)}</bdi>`}
            </p>
            ${(instance.state === 'crash-loop' || instance.state === 'failed') && html`<p>${prose(texts.endedItself)}</p>`}
            <p>${commandLine(`plimsoll instances start ${instance.name}`)}</p>`
    }
  </section>`;
}

function renderSlave({ slaveOf }: BrokerContent, { numbers, language }: View): Content {
  if (slaveOf === undefined) return undefined;
  const texts = clusterLanguages[language];
  const { master, behindBytes } = slaveOf;
  return html`<p>
    <bdi>${texts.slave(master)}</bdi>
    ${behindBytes === undefined ? texts.slaveUnknown : behindBytes === 0 ? texts.slaveEven : texts.slaveBehind(numbers.bytes(behindBytes))}
  </p>`;
}

function renderParts(parts: readonly BrokerPart[], view: View): Content {
  const { numbers, language } = view;
  const texts = clusterLanguages[language];
  if (parts.length === 0) return html`<p class="quiet">${texts.readWithOthers}</p>`;
  return renderTable(
    'parts',
    texts.parts,
    parts,
    [
      textColumn(texts.part, ({ part }) => html`<code>${part}</code>`),
      textColumn(
        texts.answer,
        ({ kind, reason }) =>
          html`${texts.partKinds[kind]}${reason !== undefined && html` <span class="quiet">${renderReason(reason, view)}</span>`}`,
      ),
      numberColumn(texts.age, ({ ageSeconds }) => ifKnown(ageSeconds, numbers.span)),
    ],
    ({ kind }) => (kind === 'missing' ? 'over' : ''),
  );
}

function renderDirectories(directories: BrokerContent['logDirectories'], { numbers, language }: View): Content {
  if (directories.length === 0) return undefined;
  const texts = clusterLanguages[language];
  return renderTable(
    'directories',
    texts.directories,
    directories,
    [
      textColumn(
        texts.directory,
        ({ path, error, isCordoned }) =>
          html`${named(path)}${error !== undefined && html` <span class="quiet">${error}</span>`}${isCordoned && html` <span class="quiet">${texts.cordoned}</span>`}`,
      ),
      numberColumn(texts.size, ({ totalBytes }) => ifKnown(totalBytes, numbers.bytes)),
      numberColumn(texts.free, ({ usableBytes }) => ifKnown(usableBytes, numbers.bytes)),
    ],
    ({ error }) => (error === undefined ? '' : 'over'),
  );
}

function renderRuntime(runtime: BrokerContent['runtime'], { numbers, language, strings }: View): Content {
  if (runtime.length === 0) return undefined;
  const texts = clusterLanguages[language];
  return html`<details>
    <summary>${texts.ofItself}${strings.aside(numbers.plain(runtime.length))}</summary>
    ${renderTable('says', texts.ofItself, runtime, [
      textColumn(texts.key, ([key]) => html`<code><bdi>${key}</bdi></code>`),
      textColumn(texts.value, ([, value]) => html`<bdi>${value}</bdi>`),
    ])}
  </details>`;
}

function renderSettings(answer: BrokerContent['answer'], view: View): Content {
  const texts = clusterLanguages[view.language];
  const title = view.strings.pages.cluster.differences;
  if (answer.kind === 'unanswered') {
    return html`<h2 id="differences">${title}</h2>
      ${renderLookup(answer, view)}`;
  }
  const { differences, all, notices } = answer.value;
  if (all.length === 0) {
    return html`<h2 id="differences">${title}</h2>
      ${renderLookup(answer, view)} ${renderNotices(notices, view)}`;
  }
  return html`${renderDifferences(title, differences, texts.likeSiblings, view)} ${renderLookup(answer, view)}
    ${renderNotices(notices, view)} ${renderFold('all-settings', texts.settingsOfBroker, all, view)}
    <p class="quiet">${texts.secretsHidden}</p>`;
}

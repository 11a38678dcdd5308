// Serves pages of a cluster that ask brokers: groups, producers, settings and single brokers.

import type { RequestHandler } from 'express';
import type { GroupMember, Producer, Settings } from '../../brokers/lookup.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { renderBrokerPage, type BrokerContent } from '../../dashboards/web/cluster/broker-page.ts';
import { renderGroupPage, type GroupContent, type MemberRow } from '../../dashboards/web/cluster/groups-page.ts';
import { readListQuery, selectRows } from '../../dashboards/web/cluster/list-query.ts';
import {
  renderProducersPage,
  type ProducerRow,
  type ProducersContent,
} from '../../dashboards/web/cluster/producers-page.ts';
import { renderSettingsPage, type SettingsContent } from '../../dashboards/web/cluster/settings-page.ts';
import { readRange } from '../../dashboards/web/readings/range-picker.ts';
import { sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import { isAllowed } from '../../exporter/name-filter.ts';
import { shownMember } from '../../exporter/http/group-members.ts';
import type { ShownNames } from '../../exporter/shown-snapshot.ts';
import { readClientSoftware } from '../clusters/client-software.ts';
import type { LookupAnswer } from '../../dashboards/web/cluster/lookup-notice.ts';
import type { Lookups } from '../clusters/lookups.ts';
import { settingRows, shownSides, shownValue, sidesTogether } from '../clusters/shown-settings.ts';
import { replicationOf } from '../clusters/slave-replication.ts';
import { brokerRows, groupRow } from '../clusters/snapshot-rows.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { readTopics } from './cluster-lists.ts';
import { sendMissing } from './missing.ts';
import { readingsQuery, brokerReadings, eventsOf, groupReadings } from './shown-readings.ts';

export interface LookupPageParts extends Pick<
  ServiceParts,
  'clusters' | 'readings' | 'policy' | 'clock' | 'history' | 'alerts'
> {
  lookups: Lookups;
}

/** A group of ten thousand is a mistake somebody wants to see, not a page of megabytes. */
const mostMembers = 200;
const mostTopicsOfGroup = 200;

export function createGroupPage(
  { clusters, lookups, readings, clock, ...parts }: LookupPageParts,
  site: Site,
): RequestHandler {
  return async (request, response) => {
    const view = viewOf(request, site);
    const served = clusters.get(String(request.params['cluster']));
    const content = served && (await groupContent(served, String(request.params['group']), lookups));
    if (content === undefined) return sendMissing(response, view);
    const kept = readings.of(content.cluster);
    const query = readingsQuery(kept, readRange(view.query), clock.now().getTime());
    const events = eventsOf(content.cluster, query, parts);
    const recent = { ...groupReadings(kept, content.group.name, query), ...events };
    sendHtml(response, 200, renderGroupPage({ ...content, readings: recent }, view));
  };
}

/** Only groups of the last reading are looked up: a name from an address is never sent to a broker. */
export async function groupContent(
  served: ServedCluster,
  name: string,
  lookups: Lookups,
): Promise<GroupContent | undefined> {
  const last = served.last();
  const group = last?.snapshot.groups.find((each) => each.name === name);
  if (last === undefined || group === undefined) return undefined;
  const { shown } = served;
  const answer = await lookups.ask(served, `members of ${name}`, (lookup, io) => lookup.members(name, io));
  return {
    cluster: served.name,
    broker: served.broker,
    readAt: last.at.toISOString(),
    group: groupRow(group, last.snapshot, served.traffic()),
    topics: readTopics(group).slice(0, mostTopicsOfGroup),
    answer: mapAnswer(answer, ({ assignor, members, notices }) => ({
      ...(assignor !== undefined && { assignor }),
      members: members.slice(0, mostMembers).map((member) => memberRow(member, shown)),
      more: Math.max(0, members.length - mostMembers),
      // The page shows it in the language of the reader.
      notices: traitsOf(served.broker).clients.groupVersions
        ? notices
        : notices.filter((notice) => !notice.includes('client versions of group members')),
    })),
  };
}

function memberRow(member: GroupMember, shown: ShownNames): MemberRow {
  const { assigned, ...row } = shownMember(member, shown);
  if (assigned === undefined) return row;
  const reads: Record<string, number> = {};
  for (const { topic } of assigned) reads[topic] = (reads[topic] ?? 0) + 1;
  return { ...row, reads };
}

export function createProducersPage({ clusters, lookups }: LookupPageParts, site: Site): RequestHandler {
  return async (request, response) => {
    const view = viewOf(request, site);
    const served = clusters.get(String(request.params['cluster']));
    if (served === undefined) return sendMissing(response, view);
    const query = readListQuery(view.query, ['name']);
    const [answer, software] = await Promise.all([
      producersAnswer(served, query, lookups),
      softwareAnswer(served, lookups),
    ]);
    const content = { cluster: served.name, query, answer, ...(software && { software }) };
    sendHtml(response, 200, renderProducersPage(content, view));
  };
}

export async function producersAnswer(
  served: ServedCluster,
  query: ProducersContent['query'],
  lookups: Lookups,
): Promise<ProducersContent['answer']> {
  if (!traitsOf(served.broker).clients.producers) return { kind: 'not-kept' };
  const answer = await lookups.ask(served, 'producers', (lookup, io) => lookup.producers(io));
  if (answer.kind === 'answered' && answer.value.kind === 'unanswered') return answer.value;
  return mapAnswer(answer, (lookup) => {
    const { producers, notices } = lookup.kind === 'answered' ? lookup.value : { producers: [], notices: [] };
    const rows = producerRows(producers.filter(({ group }) => isAllowed(group, served.shown.groups)));
    const namesOf = ({ group, clientId, address }: ProducerRow) => [group, clientId, address];
    return { page: selectRows(rows, query, namesOf, { name: () => 0 }), notices };
  });
}

export async function softwareAnswer(served: ServedCluster, lookups: Lookups): Promise<ProducersContent['software']> {
  const { source, broker } = served;
  if (traitsOf(broker).clients.producers || source?.config.kind !== 'prometheus') return undefined;
  const question = { source: source.config, cluster: source.cluster };
  return lookups.askSource(served, 'client software', (io) => readClientSoftware(question, io));
}

/** A client of a group is one row, although each of its connections has another port. */
function producerRows(producers: readonly Producer[]): ProducerRow[] {
  const rows = new Map<string, ProducerRow & { brokers: string[] }>();
  for (const { broker, ...producer } of producers) {
    const key = `${producer.group}\0${producer.clientId}`;
    const row = rows.get(key);
    if (row === undefined) rows.set(key, { ...producer, brokers: [broker] });
    else if (!row.brokers.includes(broker)) row.brokers.push(broker);
  }
  return [...rows.values()];
}

const readSettings = (served: ServedCluster, lookups: Lookups): Promise<LookupAnswer<Settings>> =>
  lookups.ask(served, 'settings', (lookup, io) => lookup.settings(io));

export function createSettingsPage({ clusters, lookups }: LookupPageParts, site: Site): RequestHandler {
  return async (request, response) => {
    const view = viewOf(request, site);
    const served = clusters.get(String(request.params['cluster']));
    if (served === undefined) return sendMissing(response, view);
    const answer = mapAnswer(await readSettings(served, lookups), settingsAnswer);
    sendHtml(response, 200, renderSettingsPage({ cluster: served.name, answer }, view));
  };
}

export function settingsAnswer({
  processes,
  differences,
  notices,
}: Settings): Extract<SettingsContent['answer'], { kind: 'answered' }>['value'] {
  const of = (kind: 'broker' | 'name-server') => processes.filter((process) => process.of === kind);
  return {
    brokers: of('broker').map(({ id }) => id),
    differences: differences.map(({ setting, sides }) => ({
      setting,
      says: sidesTogether(shownSides(setting, sides)),
    })),
    ofBrokers: settingRows(of('broker')),
    ofNameServers: settingRows(of('name-server')),
    notices,
  };
}

export function createBrokerPage(
  { clusters, lookups, readings, policy, clock, ...parts }: LookupPageParts,
  site: Site,
): RequestHandler {
  return async (request, response) => {
    const view = viewOf(request, site);
    const served = clusters.get(String(request.params['cluster']));
    const content = served && (await brokerContent(served, String(request.params['broker']), lookups));
    if (content === undefined) return sendMissing(response, view);
    const kept = readings.of(content.cluster);
    const query = readingsQuery(kept, readRange(view.query), clock.now().getTime());
    const about = { id: content.broker.id, receives: content.slaveOf === undefined };
    const events = eventsOf(content.cluster, query, parts);
    const recent = { ...brokerReadings(kept, about, query, policy), ...events };
    sendHtml(response, 200, renderBrokerPage({ ...content, readings: recent }, view));
  };
}

export async function brokerContent(
  served: ServedCluster,
  id: string,
  lookups: Lookups,
): Promise<BrokerContent | undefined> {
  const last = served.last();
  const rows = brokerRows(last?.snapshot, served.presence(), served.traffic(), undefined);
  const broker = rows.find((row) => row.id === id);
  if (last === undefined || broker === undefined) return undefined;
  const { snapshot, at } = last;
  const slaveOf = replicationOf(snapshot, broker);
  return {
    cluster: served.name,
    kind: served.broker,
    ...(slaveOf && { slaveOf }),
    readAt: at.toISOString(),
    broker,
    parts: snapshot.sections
      .filter((section) => section.broker === id)
      .map(({ section, kind, ageSeconds, reason }) => ({
        part: section,
        kind,
        ...(ageSeconds !== undefined && { ageSeconds }),
        ...(reason !== undefined && { reason }),
      })),
    logDirectories: directoriesOf(snapshot, id),
    says: Array.from(snapshot.rocketmq?.brokers.find((each) => each.id === id)?.runtime ?? [], ([key, value]) => [
      key,
      shownValue(key, value),
    ]),
    answer: mapAnswer(await readSettings(served, lookups), ({ processes, differences, notices }) => ({
      differences: differences
        .filter(({ of, sides }) => of === 'broker' && sides[id] !== undefined)
        .map(({ setting, sides }) => ({ setting, says: sidesTogether(shownSides(setting, sides)) })),
      all: settingRows(processes.filter((process) => process.of === 'broker' && process.id === id)),
      notices,
    })),
  };
}

function directoriesOf({ kafka }: ClusterSnapshot, id: string): BrokerContent['logDirectories'] {
  return (kafka?.logDirectories ?? [])
    .filter(({ broker }) => broker === id)
    .map(({ path, totalBytes, usableBytes, error }) => ({
      path,
      ...(totalBytes !== undefined && { totalBytes: Number(totalBytes) }),
      ...(usableBytes !== undefined && { usableBytes: Number(usableBytes) }),
      ...(error !== undefined && { error }),
    }));
}

function mapAnswer<From, To>(answer: LookupAnswer<From>, convert: (value: From) => To): LookupAnswer<To> {
  return answer.kind === 'unanswered' ? answer : { ...answer, value: convert(answer.value) };
}

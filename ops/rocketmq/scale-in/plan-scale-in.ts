// Plans the removal of a broker and lists what prevents it, without changing anything.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk, ServerListing } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/get-all-topic-config.ts';
import { topicKindOf } from '../../../brokers/rocketmq/inspect/topic-kind.ts';
import { parseRuntimeInfo, readNumber } from '../../../brokers/rocketmq/runtime-info.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import {
  clientTopics,
  groupNamed,
  isClientGroup,
  mastersIn,
  ownNames,
  queuesOfTopics,
  readListings,
} from '../broker-group.ts';
import type { Blocker } from '../../change/step.ts';
import { finding, findingIf, named, type PlannedChange } from '../../change/change-kind.ts';
import { closedAlready, mayWrite, permissionIn } from '../close-writes.ts';
import { findingsOfServers } from '../silent-servers.ts';
import { longestDelays } from '../late-messages.ts';
import { unreadBlocker } from '../unread-blocker.ts';
import { readUnread } from '../unread.ts';
import type { ScaleInFacts } from './facts.ts';
import { delayBlockers } from './await-delivered.ts';

export interface ScaleInSpec {
  brokerName: string;
  quietSeconds: number;
  ignoredGroups: readonly string[];
  giveUpReplay: boolean;
}

/** @throws AppError not-found, broker-unreachable */
export async function planScaleIn(
  desk: ChangeDesk,
  spec: ScaleInSpec,
  now: Date,
  io: Io,
): Promise<PlannedChange<ScaleInFacts>> {
  const { brokerName } = spec;
  const listings = await readListings(desk, io);
  const group = groupNamed(listings, brokerName);
  const names = ownNames(listings);
  const settings = await Promise.all(group.members.map(({ address }) => desk.settings(address, io)));
  const members = group.members.map((member, index) => ({
    ...member,
    permission: permissionIn(settings[index] ?? new Map()),
  }));
  const [first] = settings;
  const address = members[0]?.address ?? '';
  const topics = clientTopics(await desk.topics(address, io), names);
  const others = await readOthers(desk, listings, brokerName, io);
  const groups = (await desk.groups(address, io)).map(({ name }) => name).filter(isClientGroup);
  const retention = readNumber(first?.get('fileReservedTime'));
  const facts: ScaleInFacts = {
    brokerName,
    members,
    topics: topics.map(({ name }) => name),
    names: [...names],
    quietSeconds: spec.quietSeconds,
    ...(retention !== undefined && retention > 0 && { retentionHours: retention }),
    ...longestDelays(first),
    ignoredGroups: [...spec.ignoredGroups],
    giveUpReplay: spec.giveUpReplay,
  };
  const findings: Finding[] = [
    ...findingsOfServers(listings),
    ...findingsOfOthers(brokerName, topics, groups, others, names),
    ...findingsOfOrder(topics),
    ...closedAlready(facts.members, '--abort does not change it'),
    ...(await findingsOfLoad(desk, address, others, io)),
  ];
  const figures = parseRuntimeInfo(await desk.runtime(address, io));
  const unread = await readUnread(desk, address, queuesOfTopics(topics), io);
  const holds: Blocker[] = [
    ...delayBlockers(figures, facts),
    ...unread.filter(({ group }) => !spec.ignoredGroups.includes(group)).map((each) => unreadBlocker(each, facts, now)),
  ];
  return { subject: brokerName, facts, findings, holds };
}

interface Other {
  brokerName: string;
  address: string;
  topics: readonly TopicDefinition[];
  groups: ReadonlySet<string>;
  isWritable: boolean;
}

async function readOthers(
  desk: ChangeDesk,
  listings: readonly ServerListing[],
  leaving: string,
  io: Io,
): Promise<Other[]> {
  const masters = mastersIn(listings).filter(({ brokerName }) => brokerName !== leaving);
  return Promise.all(
    masters.map(async ({ brokerName, address }) => ({
      brokerName,
      address,
      topics: await desk.topics(address, io),
      groups: new Set((await desk.groups(address, io)).map(({ name }) => name)),
      isWritable: mayWrite(permissionIn(await desk.settings(address, io))),
    })),
  );
}

/** Checks that other brokers can take over the clients. */
function findingsOfOthers(
  leaving: string,
  topics: readonly TopicDefinition[],
  groups: readonly string[],
  others: readonly Pick<Other, 'topics' | 'groups' | 'isWritable'>[],
  names: ReadonlySet<string>,
): Finding[] {
  const open = others.filter(({ isWritable }) => isWritable);
  if (open.length === 0) {
    return [
      finding('critical', 'last-broker', `no other broker accepts messages: without ${leaving} producers cannot send`),
    ];
  }
  const canWrite = ({ writeQueues, permission }: TopicDefinition) => writeQueues > 0 && mayWrite(permission);
  const elsewhere = new Set(open.flatMap((other) => other.topics.filter(canWrite).map(({ name }) => name)));
  const alone = topics
    .filter((topic) => topicKindOf(topic.name, names) === 'normal' && canWrite(topic) && !elsewhere.has(topic.name))
    .map(({ name }) => name);
  const strange = groups.filter((group) => !open.some((other) => other.groups.has(group)));
  return [
    ...findingIf(
      alone.length > 0,
      'critical',
      'topic-only-here',
      `no other broker accepts messages for the topics ${named(alone)}: define these topics on another broker first (ops rocketmq scale-out)`,
    ),
    ...findingIf(
      strange.length > 0,
      'critical',
      'group-only-here',
      `no other broker has the groups ${named(strange)}: they could neither read from the remaining brokers nor retry`,
    ),
  ];
}

function findingsOfOrder(topics: readonly TopicDefinition[]): Finding[] {
  const ordered = topics.filter(({ order, attributes }) => order || attributes['message.type'] === 'FIFO');
  return findingIf(
    ordered.length > 0,
    'warning',
    'order-moves',
    `keys of ${named(ordered.map(({ name }) => name))} move to other queues: order is kept within a queue, and messages of a key are in order again once its old queue is read. From the moment the broker is closed to writes, it rejects sends to ordered topics`,
  );
}

async function findingsOfLoad(desk: ChangeDesk, address: string, others: readonly Other[], io: Io): Promise<Finding[]> {
  const rateOf = async (of: string) => parseRuntimeInfo(await desk.runtime(of, io)).putRates.over60Seconds;
  const own = await rateOf(address);
  const theirs = await Promise.all(others.map(async (other) => ({ ...other, rate: await rateOf(other.address) })));
  const open = theirs.filter(({ isWritable }) => isWritable);
  if (own === undefined || open.length === 0) return [];
  const words = open.map(
    ({ brokerName, rate = 0 }) =>
      `${brokerName} from ${Math.round(rate)} to about ${Math.round(rate + own / open.length)}`,
  );
  return [finding('info', 'load-after', `messages per second of the last minute: ${words.join(', ')}`)];
}

// Plans the removal of a broker and lists what prevents it, without changing anything.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk, ServerListing } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { topicKindOf } from '../../../brokers/rocketmq/inspect/topic-kind.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/topic-requests.ts';
import { retentionHoursIn } from '../../../brokers/rocketmq/retention.ts';
import { parseRuntimeInfo } from '../../../brokers/rocketmq/runtime-info.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError, faultOf } from '../../../core/errors.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import {
  clientTopics,
  controllerIn,
  electsLeader,
  groupNamed,
  groupsIn,
  isClientGroup,
  mastersIn,
  queuesOfTopics,
  type Master,
} from '../broker-group.ts';
import { answering, findingsOfAllServers, ownNames, readListings } from '../listings.ts';
import type { Blocker } from '../../change/step.ts';
import { finding, findingIf, oneFinding, type PlannedChange } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import { closedAlready, mayWrite, permissionIn } from '../close-writes.ts';
import { findingsOfOrder, findingsOfStatic, orderedTopics, remapped, topicsOnlyHere } from '../other-masters.ts';
import { longestDelays } from '../late-messages.ts';
import { planOrder } from '../topics/set-order.ts';
import { uncounted, uncountedIn, type WaitingKind } from '../uncounted.ts';
import { unreadBlocker } from '../unread-blocker.ts';
import { broadcastFindings, readReaders, readUnreadLite, type Reader } from '../unread.ts';
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
  await refuseMember(desk, listings, brokerName, io);
  const group = groupNamed(listings, brokerName);
  const names = ownNames(listings);
  const settings = await Promise.all(group.members.map(({ address }) => desk.settings(address, io)));
  const members = group.members.map((member, index) => ({
    ...member,
    permission: permissionIn(settings[index] ?? new Map()),
  }));
  const [first] = settings;
  const address = members[0]?.address ?? '';
  const defined = clientTopics(await desk.topics(address, io), names);
  const topics = defined.filter(({ isStatic }) => isStatic !== true);
  const normal = topics.map(({ name }) => name).filter((name) => topicKindOf(name, names) === 'normal');
  const leaving = { brokerName, cluster: group.cluster, topics: new Set(normal) };
  const others = await readOthers(desk, listings, leaving, io);
  const groups = (await desk.groups(address, io)).map(({ name }) => name).filter(isClientGroup);
  const retention = retentionHoursIn(first);
  const hidden = uncountedIn(first);
  const forget = first && forgetCommand(first, brokerName, group.cluster);
  const facts: ScaleInFacts = {
    brokerName,
    members,
    topics: topics.map(({ name }) => name),
    names: [...names],
    quietSeconds: spec.quietSeconds,
    ...(retention !== undefined && { retentionHours: retention }),
    ...longestDelays(first),
    ...(hidden.length > 0 && { hidesWaiting: true }),
    ...(forget !== undefined && { forget }),
    ignoredGroups: [...spec.ignoredGroups],
    giveUpReplay: spec.giveUpReplay,
  };
  const orders: NonNullable<ScaleInFacts['orders']> = {};
  for (const topic of orderedTopics(topics)) {
    const without = () => [{ brokerName, after: { order: false, writeQueues: 0 } }];
    const order = await planOrder({ desk, topic, servers: answering(listings) }, without, io);
    if (order !== undefined) orders[topic] = order;
  }
  if (Object.keys(orders).length > 0) facts.orders = orders;
  const readers = await readersElsewhere(desk, listings, { brokerName, address, topics: new Set(facts.topics) }, io);
  if (readers.length > 0) facts.readers = readers;
  const queues = queuesOfTopics(topics);
  const { unread, broadcasting } = await readReaders(desk, address, queues, io, spec.ignoredGroups, readers);
  const lite = await readUnreadLite(desk, address, topics, io, spec.ignoredGroups);
  const findings: Finding[] = [
    ...(await findingsOfAllServers(desk, listings, io)),
    ...findingsOfStatic(brokerName, defined, 'critical', remapped),
    ...findingsOfUncounted(facts, hidden),
    ...findingsOfOthers(brokerName, topics, groups, others, names),
    ...findingsOfOrder(topics),
    ...broadcastFindings(broadcasting),
    ...closedAlready(facts.members, { en: '--abort does not change it', zh: '--abort 不会改变它' }),
    ...(await findingsOfLoad(desk, address, others, io)),
  ];
  const figures = parseRuntimeInfo(await desk.runtime(address, io), first);
  const holds: Blocker[] = [
    ...delayBlockers(figures, facts),
    ...[...unread, ...lite].map((each) => unreadBlocker(each, facts, now)),
  ];
  return { facts, findings, holds };
}

/** @returns groups with commits in these topics at other masters, and none at the leaving one */
async function readersElsewhere(
  desk: ChangeDesk,
  listings: readonly ServerListing[],
  { brokerName, address, topics }: { brokerName: string; address: string; topics: ReadonlySet<string> },
  io: Io,
): Promise<Reader[]> {
  const keyOf = ({ group, topic }: Reader) => `${topic} ${group}`;
  const own = new Set((await desk.commits(address, io)).map(keyOf));
  const others = mastersIn(listings).filter((master) => master.brokerName !== brokerName);
  const found = await Promise.all(
    others.map(async (other) => {
      // A master of another cluster may refuse access, or be unreachable.
      const read = Promise.all([desk.groups(other.address, io), desk.commits(other.address, io)]);
      const [groups = [], commits = []] = (await read.catch((cause: unknown) => void faultOf(cause, io))) ?? [];
      const known = new Set(groups.map(({ name }) => name).filter(isClientGroup));
      // Commits of a deleted group may remain.
      return commits.filter(({ group, topic }) => known.has(group) && topics.has(topic));
    }),
  );
  const readers = found.flat().filter((each) => !own.has(keyOf(each)));
  return [...new Map(readers.map(({ group, topic }) => [keyOf({ group, topic }), { group, topic }])).values()];
}

/** Controllers keep a broker that stopped: a new one of its name would not be elected. @param settings of a member */
function forgetCommand(settings: ReadonlyMap<string, string>, brokerName: string, cluster: string): string | undefined {
  const controller = controllerIn(settings);
  return (
    controller &&
    `mqadmin cleanBrokerMetadata -a ${quotedWord(controller)} -c ${quotedWord(cluster)} -bn ${quotedWord(brokerName)}`
  );
}

/** @throws AppError usage for a slave, such as broker-a:2 */
async function refuseMember(desk: ChangeDesk, listings: readonly ServerListing[], of: string, io: Io): Promise<void> {
  const [, brokerName = '', id = ''] = /^(.+):([1-9]\d*)$/.exec(of) ?? [];
  const group = groupsIn(listings).get(brokerName);
  const address = group?.members[0]?.address;
  if (group === undefined || address === undefined) return;
  const settings = await desk.settings(address, io);
  const forget = forgetCommand(settings, brokerName, group.cluster);
  const ofController = forget === undefined ? '' : `; then the controllers must forget it: ${forget} -b ${id}`;
  throw new AppError('usage', `${of} is one member of ${brokerName}, and scale-in removes all members of a broker`, {
    hint:
      forget === undefined && electsLeader(settings)
        ? 'to remove a member of DLedger, change dLegerPeers of every member, and restart them in turn'
        : `to remove a slave, stop it: its master has all its messages${ofController}`,
  });
}

interface Other {
  brokerName: string;
  address: string;
  topics: readonly TopicDefinition[];
  groups: ReadonlySet<string>;
}

/**
 * Routes are per topic: masters of another cluster count if they have a topic of the leaving broker.
 *
 * @returns the other brokers that accept messages
 */
async function readOthers(
  desk: ChangeDesk,
  listings: readonly ServerListing[],
  leaving: { brokerName: string; cluster: string; topics: ReadonlySet<string> },
  io: Io,
): Promise<Other[]> {
  const near = new Set(mastersIn(listings, leaving.cluster).map(({ brokerName }) => brokerName));
  const others = await Promise.all(
    mastersIn(listings)
      .filter(({ brokerName }) => brokerName !== leaving.brokerName)
      .map(async (master) => {
        if (near.has(master.brokerName)) return await readOther(desk, master, io);
        // A master that cannot be read takes over nothing.
        const other = await readOther(desk, master, io).catch((cause: unknown) => void faultOf(cause, io));
        return other?.topics.some(({ name }) => leaving.topics.has(name)) === true ? other : undefined;
      }),
  );
  return others.filter((each) => each !== undefined);
}

async function readOther(desk: ChangeDesk, { brokerName, address }: Master, io: Io): Promise<Other | undefined> {
  if (!mayWrite(permissionIn(await desk.settings(address, io)))) return undefined;
  return {
    brokerName,
    address,
    topics: await desk.topics(address, io),
    groups: new Set((await desk.groups(address, io)).map(({ name }) => name)),
  };
}

const expired = {
  en: 'the change waits until their retention has ended',
  zh: '变更会等到保留期结束，这些消息届时已过期',
};
const late = {
  en: 'the change waits for the longest delay (timerMaxDelaySec); before you stop the broker, check that no timer is overdue',
  zh: '变更会等待最长延迟（timerMaxDelaySec）；停机前请确认没有到期未投递的定时消息',
};

const findingsOfUncounted = ({ brokerName, giveUpReplay }: ScaleInFacts, hidden: readonly WaitingKind[]): Finding[] =>
  hidden.map((kind) => {
    const { setting, records, messages } = uncounted[kind];
    const wait = kind === 'timer' ? late : expired;
    return finding(giveUpReplay ? 'critical' : 'warning', `${kind}s-not-counted`, {
      en: `${brokerName} keeps ${records.en} in RocksDB (${setting}), so ${messages.en} cannot be counted: ${giveUpReplay ? 'they could be lost; omit --give-up-replay to wait for the retention' : wait.en}`,
      zh: `${brokerName} 的${records.zh}保存在 RocksDB（${setting}），无法统计${messages.zh}：${giveUpReplay ? '这些消息可能丢失，请去掉 --give-up-replay，等待保留期结束' : wait.zh}`,
    });
  });

/** Checks that other brokers can serve the clients. */
function findingsOfOthers(
  leaving: string,
  topics: readonly TopicDefinition[],
  groups: readonly string[],
  others: readonly Other[],
  names: ReadonlySet<string>,
): Finding[] {
  if (others.length === 0) {
    return oneFinding('critical', 'last-broker', {
      en: `no other broker accepts messages: without ${leaving} producers cannot send`,
      zh: `没有其他 Broker 接受消息：失去 ${leaving} 后生产者无法发送`,
    });
  }
  const elsewhere = others.map((other) => other.topics);
  const alone = topicsOnlyHere(topics, elsewhere, names);
  const strange = groups.filter((group) => !others.some((other) => other.groups.has(group)));
  return [
    ...findingIf(alone.length > 0, 'critical', 'topic-only-here', {
      en: `no other broker accepts messages for the topics ${named(alone)}: define these topics on another broker first (ops rocketmq scale-out)`,
      zh: `没有其他 Broker 接受以下 Topic 的消息：${named(alone, 5, 'zh')}。请先在其他 Broker 上创建（ops rocketmq scale-out）`,
    }),
    ...findingIf(strange.length > 0, 'critical', 'group-only-here', {
      en: `no other broker has the groups ${named(strange)}: they could neither read from the remaining brokers nor retry`,
      zh: `其他 Broker 没有以下消费组：${named(strange, 5, 'zh')}。它们既不能从其余 Broker 读取，也不能重试`,
    }),
  ];
}

async function findingsOfLoad(desk: ChangeDesk, address: string, others: readonly Other[], io: Io): Promise<Finding[]> {
  const rateOf = async (of: string) => parseRuntimeInfo(await desk.runtime(of, io)).putRates.over60Seconds;
  const own = await rateOf(address);
  if (own === undefined || others.length === 0) return [];
  const more = own / others.length;
  const rows = await Promise.all(
    others.map(async ({ brokerName, address: other }) => {
      // The plan does not depend on the rate, so brokers without a response are listed without it.
      const rate = await rateOf(other).catch((cause: unknown) => void faultOf(cause, io));
      const added = Math.round(more);
      if (rate === undefined) {
        return {
          en: `${brokerName} (rate unknown) about ${added} more`,
          zh: `${brokerName}（速率未知）增加约 ${added}`,
        };
      }
      const [from, to] = [Math.round(rate), Math.round(rate + more)];
      return { en: `${brokerName} from ${from} to about ${to}`, zh: `${brokerName} 由 ${from} 增至约 ${to}` };
    }),
  );
  return oneFinding('info', 'load-after', {
    en: `messages per second of the last minute: ${rows.map(({ en }) => en).join(', ')}`,
    zh: `按最近一分钟的每秒消息数：${rows.map(({ zh }) => zh).join('，')}`,
  });
}

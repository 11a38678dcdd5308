// Plans the definitions for a new broker and checks that it is ready, without changing anything.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk, GroupDefinition, ServerListing } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/topic-requests.ts';
import { topicKindOf } from '../../../brokers/rocketmq/inspect/topic-kind.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import { clientTopics, groupsIn, isClientGroup, mastersIn } from '../broker-group.ts';
import { findingsOfAllServers, ownNames, readListings } from '../listings.ts';
import { blocker, type Blocker } from '../../change/step.ts';
import { finding, findingIf, type PlannedChange } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import { mayWrite } from '../close-writes.ts';
import type { ScaleOutFacts } from './facts.ts';
import { driftOf } from './await-started.ts';
import { percentText } from '../../../core/text/quantity-text.ts';
import { orderedTopics } from '../other-masters.ts';

export type ScaleOutSpec = Pick<ScaleOutFacts, 'brokerName' | 'acceptDrift' | 'settleSeconds' | 'watchSeconds'> & {
  /** Broker to copy from; default: the first other broker of its cluster by name. */
  like?: string;
};

/** @throws AppError not-found, usage, broker-unreachable */
export async function planScaleOut(
  desk: ChangeDesk,
  spec: ScaleOutSpec,
  io: Io,
): Promise<PlannedChange<ScaleOutFacts>> {
  const { brokerName } = spec;
  const listings = await readListings(desk, io);
  const names = ownNames(listings);
  const cluster = clusterOf(spec, listings);
  const masters = mastersIn(listings, cluster).toSorted((one, other) => (one.brokerName < other.brokerName ? -1 : 1));
  const others = masters.filter((each) => each.brokerName !== brokerName);
  const like = spec.like ?? others[0]?.brokerName;
  if (like === undefined || !others.some((each) => each.brokerName === like)) {
    const hint =
      others.length > 0
        ? `give --like one of ${named(others.map((each) => each.brokerName))}`
        : `set brokerClusterName of ${brokerName} to the cluster that it joins: the name servers serve ${named(clustersIn(listings)) || 'none'}`;
    throw new AppError(
      'not-found',
      `cannot compare settings of ${brokerName}: ${like ?? 'any other broker of its cluster'} has no running master`,
      { hint },
    );
  }
  const sources = await Promise.all(
    others.map(async ({ brokerName: name, address }) => ({
      name,
      topics: clientTopics(await desk.topics(address, io), names).filter((topic) => isCopied(topic, names)),
      groups: (await desk.groups(address, io)).filter((group) => isClientGroup(group.name)),
    })),
  );
  const inOrder = sources.toSorted((one, other) => Number(other.name === like) - Number(one.name === like));
  const facts: ScaleOutFacts = {
    brokerName,
    like,
    sources: others.map((each) => each.brokerName),
    groups: firstOf<GroupDefinition>(inOrder.flatMap(({ groups }) => groups)),
    topics: firstOf<TopicDefinition>(inOrder.flatMap(({ topics }) => topics)),
    acceptDrift: spec.acceptDrift,
    settleSeconds: spec.settleSeconds,
    watchSeconds: spec.watchSeconds,
  };
  const own = masters.find((each) => each.brokerName === brokerName);
  const holds: Blocker[] =
    own === undefined
      ? [
          {
            what: `${brokerName} is not started: no name server lists a master of it`,
            zh: `${brokerName} 尚未启动：没有 NameServer 列出其主节点`,
          },
        ]
      : [];
  const findings = [...(await findingsOfAllServers(desk, listings, io)), ...findingsOfQueues(facts, inOrder)];
  if (own !== undefined) {
    const drift = await driftOf(desk, brokerName, like, io);
    if (!spec.acceptDrift) holds.push(...drift.map((each) => blocker(each)));
    findings.push(...findingsOfTopics(facts, clientTopics(await desk.topics(own.address, io), names)));
  }
  return { facts, findings, holds };
}

const clustersIn = (listings: readonly ServerListing[]) =>
  [...new Set([...groupsIn(listings).values()].map(({ cluster }) => cluster))].sort();

/**
 * Name servers may serve several clusters: the new broker gets the topics and groups of its cluster.
 *
 * @returns undefined if there is only one, or --like is a broker that no name server lists
 * @throws AppError usage if the cluster is unknown, or --like is in another one
 */
function clusterOf({ brokerName, like }: ScaleOutSpec, listings: readonly ServerListing[]): string | undefined {
  const groups = groupsIn(listings);
  const own = groups.get(brokerName)?.cluster;
  const ofLike = like === undefined ? undefined : groups.get(like)?.cluster;
  if (own !== undefined && ofLike !== undefined && own !== ofLike) {
    throw new AppError('usage', `${brokerName} is in cluster ${own}, and ${like} in cluster ${ofLike}`, {
      hint: `set brokerClusterName=${ofLike} on ${brokerName} and restart it, or give --like a broker of ${own}`,
    });
  }
  const clusters = clustersIn(listings);
  if (own === undefined && like === undefined && clusters.length > 1) {
    throw new AppError(
      'usage',
      `cluster of ${brokerName} unknown: it is not started, and the name servers serve ${named(clusters)}`,
      { hint: 'give --like a broker of the same cluster, or start the new one first' },
    );
  }
  return own ?? ofLike;
}

/** Excludes dead-letter topics, which a broker creates when needed, and static topics, whose queues are mapped to brokers. */
const isCopied = ({ name, permission, isStatic }: TopicDefinition, names: ReadonlySet<string>) =>
  topicKindOf(name, names) !== 'dead-letter' && mayWrite(permission) && isStatic !== true;

const firstOf = <Row extends { name: string }>(rows: readonly Row[]): Row[] =>
  [...new Map(rows.toReversed().map((row) => [row.name, row])).values()].sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );

function findingsOfQueues(
  { topics, brokerName }: ScaleOutFacts,
  sources: readonly { topics: readonly TopicDefinition[] }[],
): Finding[] {
  const before = sources.reduce(
    (sum, source) => sum + source.topics.reduce((queues, topic) => queues + topic.writeQueues, 0),
    0,
  );
  const added = topics.reduce((sum, topic) => sum + topic.writeQueues, 0);
  const share = percentText(added / Math.max(1, before + added));
  const ordered = orderedTopics(topics);
  return [
    finding('info', 'queues-after', {
      en: `${brokerName} gets ${share} of the writes: ${added} write queues (topics: ${topics.length}); the other brokers have ${before}`,
      zh: `${brokerName} 将承担 ${share} 的写入：${added} 个写队列（${topics.length} 个 Topic）；其他 Broker 共有 ${before} 个`,
    }),
    ...findingIf(ordered.length > 0, 'warning', 'order-moves', {
      en: `keys of ${named(ordered)} move to other queues: order is kept within a queue; messages of a key are in order again once its old queue is read`,
      zh: `${named(ordered, 5, 'zh')} 的 Key 会进入其他队列：顺序只在队列内保证，旧队列消费完毕后同一 Key 的消息恢复有序`,
    }),
  ];
}

function findingsOfTopics({ topics, brokerName }: ScaleOutFacts, there: readonly TopicDefinition[]): Finding[] {
  const planned = new Map(topics.map((topic) => [topic.name, topic]));
  const different = there.filter(({ name, writeQueues }) => {
    const wanted = planned.get(name);
    return wanted !== undefined && wanted.writeQueues !== writeQueues;
  });
  const closed = there.filter(({ name, permission }) => planned.has(name) && !mayWrite(permission));
  const [differing, closing] = [different, closed].map((each) => each.map(({ name }) => name)) as [string[], string[]];
  return [
    ...findingIf(differing.length > 0, 'warning', 'queues-differ', {
      en: `${brokerName} has other numbers of queues already and keeps them: ${named(differing)}`,
      zh: `${brokerName} 上以下 Topic 的队列数不同，保持不变：${named(differing, 5, 'zh')}`,
    }),
    ...findingIf(closing.length > 0, 'warning', 'closed-already', {
      en: `${brokerName} has these topics without write permission, and the change opens them to producers: ${named(closing)}; the rollback closes them again`,
      zh: `${brokerName} 上以下 Topic 没有写权限，变更会向生产者开放它们：${named(closing, 5, 'zh')}；回滚时恢复禁写`,
    }),
  ];
}

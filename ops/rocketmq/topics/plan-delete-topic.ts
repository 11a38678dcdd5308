// Plans the deletion of a RocketMQ topic: lost messages, active producers and reading groups.

import type { Io } from '../../../brokers/driver.ts';
import { popRetryTopicsOf } from '../../../brokers/rocketmq/pop-retry-topics.ts';
import { staticTopic } from '../../../brokers/rocketmq/static-topic.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError, faultOf } from '../../../core/errors.ts';
import { countText } from '../../../core/text/quantity-text.ts';
import { finding, type PlannedChange } from '../../change/change-kind.ts';
import { membersAdvice, writeFinding, type TopicDeletion } from '../../change/still-written.ts';
import { listMasters, type RocketmqTools } from '../administration.ts';
import { isClientGroup, queuesOf, queuesOfTopics, topicAt, type Master } from '../broker-group.ts';
import { longestDelays } from '../late-messages.ts';
import { movedSince, readCommits, type CommitReading } from '../moving-commits.ts';
import { joinedTexts, named, type Text } from '../../../core/text/bilingual.ts';
import { blockedBy } from '../../change/step.ts';
import { halfMessageBlockers, undeliveredAt } from '../scale-in/await-delivered.ts';
import { uncountedText } from '../uncounted.ts';
import type { DeleteTopicFacts } from './delete-topic.ts';
import { noSuchTopic, refuseOwn } from './plan-define-topic.ts';

/** @throws AppError not-found, usage, broker-unreachable */
export async function planDeleteTopic(
  { admin, clock, known }: RocketmqTools,
  { topic, watch, acceptWrites, acceptReaders, shown }: TopicDeletion<DeleteTopicFacts>,
  io: Io,
): Promise<PlannedChange<DeleteTopicFacts>> {
  const { masters, names, findings } = await listMasters({ admin, known }, [], io);
  refuseOwn(topic, names);
  const holding: { master: Master; queues: number }[] = [];
  for (const master of masters) {
    const found = await topicAt(admin, master.address, topic, io);
    if (found?.isStatic === true) throw staticTopic(topic);
    if (found !== undefined) holding.push({ master, queues: Math.max(found.readQueues, found.writeQueues) });
  }
  if (holding.length === 0) throw await noSuchTopic({ admin }, topic, masters, io);
  const read = (what: 'starts' | 'ends') =>
    Promise.all(holding.map(({ master, queues }) => admin[what](master.address, queuesOf(topic, queues), io)));
  const sum = (all: readonly (readonly bigint[])[]) => all.flat().reduce((total, each) => total + each, 0n);
  const addresses = holding.map(({ master }) => master.address);
  const [first, commitsBefore] = [await read('ends'), await readCommits(admin, addresses, io)];
  await clock.sleep(watch, io);
  const [then, commits] = [await read('ends'), await readCommits(admin, addresses, io)];
  const starts = await read('starts');
  const retries = await popRetriesOf({ admin }, topic, addresses, [...commits.values()], io);
  const facts = {
    topic,
    brokers: holding.map(({ master, queues }, index) => {
      const known = shown?.brokers.find(({ brokerName }) => brokerName === master.brokerName);
      return { ...master, queues, ends: known?.ends ?? (then[index] ?? []).map(String) };
    }),
    ...(retries.topics.length > 0 && { popRetryTopics: retries.topics }),
    acceptWrites,
  };
  const [came, stored] = [sum(then) - sum(first), sum(then) - sum(starts) + retries.messages];
  const hasRetries = retries.topics.length > 0;
  return {
    facts,
    findings: [
      ...findings,
      finding('info', 'what-is-lost', {
        en: `messages lost, at most: ${countText(Number(stored))}${hasRetries ? ` (with those of ${named(retries.topics)})` : ''}; their size is unknown, because all topics of a broker share the commit log, which keeps the messages until retention ends`,
        zh: `最多丢失 ${countText(Number(stored))} 条消息${hasRetries ? `（含 ${named(retries.topics, 5, 'zh')} 的消息）` : ''}；大小未知：Broker 的所有 Topic 共用 CommitLog，消息在其中保留到保留时间结束`,
      }),
      ...(await waitingFindings({ admin }, topic, masters, io)),
      writeFinding(topic, came, { watch, acceptWrites }),
      ...(await readerFindings({ admin }, topic, holding, { commitsBefore, commits }, acceptReaders, io)),
    ],
  };
}

/**
 * Brokers keep waiting messages in internal topics, and store them in this topic when they are due, even if it was
 * deleted or re-created.
 */
async function waitingFindings(
  { admin }: Pick<RocketmqTools, 'admin'>,
  topic: string,
  masters: readonly Master[],
  io: Io,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { brokerName, address } of masters) {
    const waiting = await waitingAt({ admin }, address, io).catch((cause: unknown) => faultOf(cause, io));
    // To delete a topic needs no access to those of the broker, in which messages wait.
    const isRefused = waiting instanceof AppError && waiting.code === 'credentials-refused';
    if (waiting instanceof AppError && !isRefused) throw waiting;
    const seen = joinedTexts(waiting instanceof AppError ? [waiting.message] : waiting);
    if (seen.en === '') continue;
    findings.push(
      finding('warning', 'waiting-not-counted', {
        en: `${brokerName} ${isRefused ? 'may have' : 'has'} messages that are delivered later, of all topics (${seen.en}): those of ${topic} among them are not counted; the broker stores them under this name when they are due, even if the topic was created again`,
        zh: `${brokerName} ${isRefused ? '可能' : ''}有待投递的消息（所有 Topic 合计：${seen.zh}），其中属于 ${topic} 的未计入；到期后 Broker 仍会以该名称存储，即使该 Topic 已重新创建`,
      }),
    );
  }
  return findings;
}

async function waitingAt({ admin }: Pick<RocketmqTools, 'admin'>, address: string, io: Io): Promise<Text[]> {
  const { holds, hidden } = await undeliveredAt(admin, address, longestDelays(await admin.settings(address, io)), io);
  const open = await halfMessageBlockers(admin, address, io);
  return [...[...holds, ...open].map(blockedBy), ...hidden.map(uncountedText)];
}

/** Retry topics of the topic's POP consumers, and the number of messages in them. */
async function popRetriesOf(
  { admin }: Pick<RocketmqTools, 'admin'>,
  topic: string,
  addresses: readonly string[],
  commits: readonly { group: string; topic: string }[],
  io: Io,
): Promise<{ topics: string[]; messages: bigint }> {
  const groups = (await Promise.all(addresses.map((address) => admin.groups(address, io)))).flat();
  const defined = await Promise.all(addresses.map((address) => admin.topics(address, io)));
  const topics = popRetryTopicsOf((commit) => commit.topic === topic, {
    commits,
    groups: groups.map(({ name }) => name),
    topics: defined.flat().map(({ name }) => name),
  });
  let messages = 0n;
  for (const [index, address] of addresses.entries()) {
    const queues = queuesOfTopics((defined[index] ?? []).filter(({ name }) => topics.includes(name)));
    const [starts, ends] = [await admin.starts(address, queues, io), await admin.ends(address, queues, io)];
    messages += ends.reduce((sum, end, queue) => sum + end - (starts[queue] ?? 0n), 0n);
  }
  return { topics, messages };
}

async function readerFindings(
  { admin }: Pick<RocketmqTools, 'admin'>,
  topic: string,
  holding: readonly { master: Master }[],
  { commitsBefore, commits }: { commitsBefore: CommitReading; commits: CommitReading },
  acceptReaders: boolean,
  io: Io,
): Promise<Finding[]> {
  const online = new Map<string, string[]>();
  const groupsIn = (all: readonly { group: string; topic: string }[]) =>
    new Set(all.flatMap((each) => (each.topic === topic && isClientGroup(each.group) ? [each.group] : [])));
  const committed = groupsIn([...commits.values()]);
  const moving = groupsIn(movedSince(commitsBefore, commits));
  for (const { master } of holding) {
    for (const { name } of (await admin.groups(master.address, io)).filter((group) => isClientGroup(group.name))) {
      const clients = await admin.connections(master.address, name, io);
      if (clients.kind !== 'online' || !(topic in clients.subscriptions)) continue;
      online.set(
        name,
        clients.clients.map(({ clientId }) => clientId),
      );
    }
  }
  const severity = acceptReaders ? 'warning' : 'critical';
  const advice = membersAdvice(acceptReaders);
  return [
    ...Array.from(online, ([group, clients]) =>
      finding(severity, 'group-reads', {
        en: `group ${group} reads ${topic} (${named(clients)})${advice.en}`,
        zh: `消费组 ${group} 正在读取 ${topic}（${named(clients, 5, 'zh')}）${advice.zh}`,
      }),
    ),
    ...[...committed]
      .filter((group) => !online.has(group))
      .map((group) =>
        moving.has(group)
          ? finding(severity, 'group-reads', {
              en: `group ${group} reads ${topic} without being connected to the brokers, as through a proxy${advice.en}`,
              zh: `消费组 ${group} 未连接 Broker 但仍在读取 ${topic}，例如经由 Proxy${advice.zh}`,
            })
          : finding('warning', 'group-stopped', {
              en: `group ${group} has offsets in ${topic} and no members`,
              zh: `消费组 ${group} 在 ${topic} 有位点，但没有成员`,
            }),
      ),
  ];
}

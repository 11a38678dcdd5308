// Plans the deletion of a RocketMQ topic: what is lost, whether messages come in and which groups read it.

import type { Io } from '../../../brokers/driver.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { countText } from '../../../core/text/quantity-text.ts';
import type { Seconds } from '../../../core/units.ts';
import { finding, named, type PlannedChange } from '../../change/change-kind.ts';
import { listMasters, type RocketmqTools } from '../administration.ts';
import { isClientGroup, type Master } from '../broker-group.ts';
import { definitionAt } from './define-topic.ts';
import type { DeleteTopicFacts } from './delete-topic.ts';
import { noSuchTopic, refuseOwn } from './plan-define-topic.ts';

export interface DeleteSpec {
  topic: string;
  /** How long the ends of the queues are watched for writes. */
  watch: Seconds;
  acceptWrites: boolean;
  acceptReaders: boolean;
  /** Facts of the plan that was shown before: what was written since then is not part of it. */
  shown?: DeleteTopicFacts | undefined;
}

/** @throws AppError not-found, usage, broker-unreachable */
export async function planDeleteTopic(
  { admin, clock, known }: RocketmqTools,
  { topic, watch, acceptWrites, acceptReaders, shown }: DeleteSpec,
  io: Io,
): Promise<PlannedChange<DeleteTopicFacts>> {
  const { masters, names, findings } = await listMasters({ admin, known }, [], io);
  refuseOwn(topic, names);
  const holding: { master: Master; queues: number }[] = [];
  for (const master of masters) {
    const found = await definitionAt({ admin }, master.address, topic, io);
    if (found !== undefined) holding.push({ master, queues: Math.max(found.readQueues, found.writeQueues) });
  }
  if (holding.length === 0) throw await noSuchTopic({ admin }, topic, masters, io);
  const refs = (queues: number) => Array.from({ length: queues }, (_, queueId) => ({ topic, queueId }));
  const endsNow = () => Promise.all(holding.map(({ master, queues }) => admin.ends(master.address, refs(queues), io)));
  const sum = (all: readonly (readonly bigint[])[]) => all.flat().reduce((total, each) => total + each, 0n);
  const first = await endsNow();
  await clock.sleep(watch, io);
  const then = await endsNow();
  const starts = await Promise.all(holding.map(({ master, queues }) => admin.starts(master.address, refs(queues), io)));
  const facts = {
    topic,
    brokers: holding.map(({ master, queues }, index) => {
      const known = shown?.brokers.find(({ brokerName }) => brokerName === master.brokerName);
      return { ...master, queues, ends: known?.ends ?? (then[index] ?? []).map(String) };
    }),
    acceptWrites,
  };
  const [came, stored] = [sum(then) - sum(first), sum(then) - sum(starts)];
  const written = `producers write to ${topic} (messages in ${watch} s: ${countText(Number(came))})`;
  return {
    subject: topic,
    facts,
    findings: [
      ...findings,
      finding(
        'info',
        'what-is-lost',
        `messages lost, at most: ${countText(Number(stored))}; their size is unknown, because all topics of a broker share the commit log, which keeps the messages until retention ends`,
      ),
      came === 0n
        ? finding('info', 'no-writes', `no message was written to ${topic} in ${watch} s`)
        : acceptWrites
          ? finding('warning', 'still-written', written)
          : finding('critical', 'still-written', `${written}; stop them, or give --accept-writes`),
      ...(await readerFindings({ admin }, topic, holding, acceptReaders, io)),
    ],
    holds: [],
  };
}

async function readerFindings(
  { admin }: Pick<RocketmqTools, 'admin'>,
  topic: string,
  holding: readonly { master: Master }[],
  acceptReaders: boolean,
  io: Io,
): Promise<Finding[]> {
  const online = new Map<string, string[]>();
  const stopped = new Set<string>();
  for (const { master } of holding) {
    for (const { name } of (await admin.groups(master.address, io)).filter((group) => isClientGroup(group.name))) {
      const clients = await admin.connections(master.address, name, io);
      if (clients.kind === 'online' && topic in clients.subscriptions) {
        online.set(
          name,
          clients.clients.map(({ clientId }) => clientId),
        );
      }
    }
    for (const { topic: committed, group } of await admin.commits(master.address, io)) {
      if (committed === topic && isClientGroup(group)) stopped.add(group);
    }
  }
  const advice = acceptReaders ? '' : '; stop its members, or give --accept-readers';
  return [
    ...Array.from(online, ([group, clients]) =>
      finding(
        acceptReaders ? 'warning' : 'critical',
        'group-reads',
        `group ${group} reads ${topic} (${named(clients)})${advice}`,
      ),
    ),
    ...[...stopped]
      .filter((group) => !online.has(group))
      .map((group) => finding('warning', 'group-stopped', `group ${group} has offsets in ${topic} and no members`)),
  ];
}

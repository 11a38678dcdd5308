// Plans the creation or alteration of a RocketMQ topic on the masters, without changing anything.

import type { Io } from '../../../brokers/driver.ts';
import { topicKindOf } from '../../../brokers/rocketmq/inspect/topic-kind.ts';
import { staticTopic } from '../../../brokers/rocketmq/static-topic.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import { meantHint } from '../../../core/text/nearest.ts';
import { finding, findingIf, type PlannedChange } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import { listMasters, refuseSeveralClusters, type RocketmqTools } from '../administration.ts';
import { topicAt, type Master } from '../broker-group.ts';
import { isUnchanged, type DefinedBroker, type TopicFacts } from './define-topic.ts';
import { orderAfter, planOrder, type OrderChange } from './set-order.ts';

export interface TopicSpec {
  topic: string;
  /** Empty: every broker of the only cluster, or every broker that has the topic. */
  brokers: readonly string[];
  /** Queues per broker. */
  queues?: { read: number; write: number };
  /** 2 write, 4 read, 6 both. */
  permission?: number;
  order?: boolean;
  attributes: Readonly<Record<string, string>>;
}

const defaultQueues = 8;

/** @throws AppError topic-conflict if a broker has it; usage; not-found, broker-unreachable */
export async function planCreateTopic(
  { admin, known }: RocketmqTools,
  spec: TopicSpec,
  io: Io,
): Promise<PlannedChange<TopicFacts>> {
  const { topic } = spec;
  checkName(topic);
  const listed = await listMasters({ admin, known }, spec.brokers, io);
  const { masters, clusters, names } = listed;
  refuseOwn(topic, names);
  refuseSeveralClusters(`create topic ${topic}`, clusters, spec.brokers);
  const brokers: DefinedBroker[] = [];
  for (const master of masters) {
    const existing = await topicAt(admin, master.address, topic, io);
    if (existing !== undefined) {
      throw new AppError('topic-conflict', `cannot create topic ${topic}: ${master.brokerName} has it`, {
        hint: '`plimsoll ops rocketmq alter-topic` changes it, `plimsoll ops rocketmq queues` its number of queues',
      });
    }
    await checkAttributes({ admin }, master, spec, io);
    const { read, write } = spec.queues ?? { read: defaultQueues, write: defaultQueues };
    const after = {
      name: topic,
      readQueues: read,
      writeQueues: write,
      permission: spec.permission ?? 6,
      filterType: 'SINGLE_TAG',
      sysFlag: 0,
      order: spec.order ?? false,
      attributes: { ...spec.attributes },
    };
    brokers.push({ ...master, after });
  }
  return await planned({ admin }, spec, brokers, listed, io);
}

/** @throws AppError not-found, usage, broker-unreachable */
export async function planAlterTopic(
  { admin, known }: RocketmqTools,
  spec: TopicSpec,
  io: Io,
): Promise<PlannedChange<TopicFacts>> {
  const { topic } = spec;
  const { masters, names, findings, servers } = await listMasters({ admin, known }, spec.brokers, io);
  refuseOwn(topic, names);
  const brokers: DefinedBroker[] = [];
  for (const master of masters) {
    const before = await topicAt(admin, master.address, topic, io);
    if (before === undefined) continue;
    if (before.isStatic === true) throw staticTopic(topic);
    await checkAttributes({ admin }, master, spec, io);
    const after = {
      ...before,
      ...(spec.permission !== undefined && { permission: spec.permission }),
      ...(spec.order !== undefined && { order: spec.order }),
      attributes: { ...before.attributes, ...spec.attributes },
    };
    brokers.push({ ...master, before: { ...before, attributes: { ...before.attributes } }, after });
  }
  if (brokers.length === 0) throw await noSuchTopic({ admin }, topic, masters, io);
  const closed = brokers.filter(({ before, after }) => ((before?.permission ?? 0) & ~after.permission) !== 0);
  const closing = closed.map(({ brokerName, before, after }) => {
    const isRead = ((before?.permission ?? 0) & ~after.permission & 2) === 0;
    return finding('warning', 'permission-taken', {
      en: `clients can no longer ${isRead ? 'read' : 'write'} ${topic} on ${brokerName}`,
      zh: `客户端将无法再${isRead ? '读取' : '写入'} ${brokerName} 上的 ${topic}`,
    });
  });
  const plan = await planned({ admin }, spec, brokers, { servers, findings: [...findings, ...closing] }, io);
  const more = findingIf(isUnchanged(plan.facts), 'info', 'nothing-to-do', {
    en: `${topic} is defined so already`,
    zh: `${topic} 已是如此配置`,
  });
  return { ...plan, findings: [...plan.findings, ...more] };
}

/** Adds the order configuration that follows from the definitions, if the order changes. */
async function planned(
  { admin }: Pick<RocketmqTools, 'admin'>,
  { topic, order }: Pick<TopicSpec, 'topic' | 'order'>,
  brokers: DefinedBroker[],
  { servers, findings }: { servers: readonly string[]; findings: readonly Finding[] },
  io: Io,
): Promise<PlannedChange<TopicFacts>> {
  const changed = order === undefined ? undefined : await planOrder({ desk: admin, topic, servers }, () => brokers, io);
  const facts = { topic, brokers, ...(changed && { order: changed }) };
  const moving = changed && (await findingsOfKeys({ admin }, { topic, changed, servers }, io));
  return { facts, findings: [...findings, ...(moving ?? [])] };
}

/** Producers number the queues of the order configuration if there is one, otherwise those of the route, sorted by broker. */
async function findingsOfKeys(
  { admin }: Pick<RocketmqTools, 'admin'>,
  { topic, changed, servers: [server = ''] }: { topic: string; changed: OrderChange; servers: readonly string[] },
  io: Io,
): Promise<Finding[]> {
  const queues = (await admin.route(server, topic, io))?.queues.filter(({ permission }) => permission.includes('w'));
  const routed = (queues ?? []).map(({ brokerName, writeQueues }) => ({
    brokerName,
    after: { order: true, writeQueues },
  }));
  const [before, after] = [changed.before, changed.after].map((order) => order ?? orderAfter(null, routed));
  return findingIf(queues !== undefined && before !== after, 'warning', 'order-moves', {
    en: `keys of ${topic} move to other queues: its producers take them from ${after} instead of ${before}, and consumers may read new messages of a key before those in its old queue`,
    zh: `${topic} 的 Key 会进入其他队列：生产者改用 ${after}（原为 ${before}）选择队列，同一 Key 的新消息可能先于旧队列中的消息被读取`,
  });
}

/** As in TopicValidator: letters, digits and `%|-_`, at most 127. @throws AppError usage */
function checkName(topic: string): void {
  if (/^[%|a-zA-Z0-9_-]{1,127}$/.test(topic)) return;
  throw new AppError(
    'usage',
    `${JSON.stringify(topic)} is not a topic name: use letters, digits and %|-_, at most 127`,
  );
}

/** @throws AppError usage */
export function refuseOwn(topic: string, names: ReadonlySet<string>): void {
  const kind = topicKindOf(topic, names);
  if (kind === 'normal' || kind === 'retry' || kind === 'dead-letter') return;
  throw new AppError('usage', `${topic} is an internal topic of RocketMQ: it is not changed`);
}

/** @throws AppError usage for attributes on brokers before 5.0, which drop them without an error */
async function checkAttributes(
  { admin }: Pick<RocketmqTools, 'admin'>,
  { brokerName, address }: Master,
  { attributes }: TopicSpec,
  io: Io,
): Promise<void> {
  if (Object.keys(attributes).length === 0) return;
  const version = (await admin.runtime(address, io)).get('brokerVersionDesc');
  if (version === undefined || !/^V[34]_/.test(version)) return;
  throw new AppError('usage', `${brokerName} (${version}) has no attributes of topics: omit --set`, {
    hint: 'RocketMQ 5.0 and later have them',
  });
}

export async function noSuchTopic(
  { admin }: Pick<RocketmqTools, 'admin'>,
  topic: string,
  masters: readonly Master[],
  io: Io,
): Promise<AppError> {
  const known = new Set<string>();
  for (const { address } of masters) {
    for (const { name } of await admin.topics(address, io)) known.add(name);
  }
  const where = named(masters.map(({ brokerName }) => brokerName));
  return new AppError('not-found', `none of ${where} has topic ${topic}`, {
    hint: meantHint(topic, [...known], '`plimsoll get topics` lists the topics'),
  });
}

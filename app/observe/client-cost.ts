// Computes how much of the limiting resource each client uses, from a sample of producers and the rates of groups.

import type { ProducerSample, SampledProducer } from '../../brokers/client-use.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Limit } from '../../core/documents/analysis.ts';
import type { ClientCost, ClientCosts, SharedBy } from '../../core/client-cost.ts';
import { costOf, messageSizes, replicasOf, unitOf, type LoadByName } from './resource-demand.ts';

export interface CostQuestion {
  limit: Limit | undefined;
  snapshot: ClusterSnapshot;
  load: LoadByName;
  sample: ProducerSample;
  /** Current load over the safe maximum; absent without a verdict. */
  loadOfSafeMax?: number;
}

/** A producer on one topic, scaled to the rate of the topic. */
interface Flow extends SampledProducer {
  demand: number;
}

/**
 * Bytes to consumers are attributed to their group, everything else to the producer, at that producer's batch size. If
 * cores or threads are the limit, messages are compared, and among Kafka producers their requests, because a request with one message
 * costs as much as one with a full batch.
 */
export function costOfClients(question: CostQuestion): ClientCosts {
  const { limit, snapshot, load, sample, loadOfSafeMax } = question;
  const flows = atTopicRates(sample.producers, load);
  const sampled = sampledSizes(flows);
  const sizes = messageSizes(snapshot, load, sampled);
  const unit = sizes === undefined ? 'messages' : unitOf(limit);
  const costs = costsIn(unit, snapshot, sizes);
  for (const flow of flows) flow.demand = flow.messagesPerSecond * costs(flow.topic, flow).produced;
  const isByRequests = limit !== undefined && unitOf(limit) === 'messages' && shareByRequests(flows);

  const clients = [...producersOf(flows), ...groupsOf(load, costs, sizes ?? sampled)];
  const attributed = clients.reduce((sum, { demand }) => sum + demand, 0);
  const whole = Math.max(attributed, wholeDemand(unit, load, flows, costs));
  const rows = clients.map(({ demand, ...client }): ClientCost => {
    const share = whole > 0 ? demand / whole : undefined;
    return {
      ...client,
      ...(share !== undefined && { share }),
      ...(share !== undefined && loadOfSafeMax !== undefined && { shareOfSafeMax: share * loadOfSafeMax }),
    };
  });
  return {
    by: isByRequests ? 'requests' : unit,
    clients: rows.toSorted(
      (one, other) => (other.share ?? 0) - (one.share ?? 0) || other.messagesPerSecond - one.messagesPerSecond,
    ),
    ...(whole > 0 && { unattributedShare: Math.max(0, 1 - attributed / whole) }),
    ...(loadOfSafeMax !== undefined && { loadOfSafeMax }),
  };
}

/** A sample shows the producers of a topic; its offsets show the rate more precisely. */
function atTopicRates(producers: readonly SampledProducer[], { topics }: LoadByName): Flow[] {
  return [...Map.groupBy(producers, ({ topic }) => topic)].flatMap(([topic, own]) => {
    const sampled = own.reduce((sum, { messagesPerSecond }) => sum + messagesPerSecond, 0);
    const known = topics.get(topic)?.produceTps;
    const scale = known === undefined || sampled === 0 ? 1 : known / sampled;
    return own.map((each) => ({
      ...each,
      messagesPerSecond: each.messagesPerSecond * scale,
      bytesPerSecond: each.bytesPerSecond * scale,
      demand: 0,
    }));
  });
}

/** Stored bytes per message by topic. */
function sampledSizes(flows: readonly Flow[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [topic, own] of Map.groupBy(flows, (flow) => flow.topic)) {
    const messages = own.reduce((sum, { messagesPerSecond }) => sum + messagesPerSecond, 0);
    const bytes = own.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0);
    if (messages > 0) sizes.set(topic, bytes / messages);
  }
  return sizes;
}

type Costs = (topic: string, flow?: Flow) => { produced: number; consumed: number };

function costsIn(unit: SharedBy, snapshot: ClusterSnapshot, sizes: ReadonlyMap<string, number> | undefined): Costs {
  const replicas = replicasOf(snapshot);
  return (topic, flow) => {
    const { messagesPerSecond = 0, bytesPerSecond = 0 } = flow ?? {};
    const storedBytes = messagesPerSecond > 0 ? bytesPerSecond / messagesPerSecond : sizes?.get(topic);
    if (unit !== 'messages' && storedBytes === undefined) return { produced: 0, consumed: 0 };
    const message = { storedBytes: storedBytes ?? 0, topic, replicas: replicas(topic) };
    const recordsPerBatch = flow?.messagesPerBatch;
    return costOf(snapshot.cluster.kind, { ...message, ...(recordsPerBatch && { recordsPerBatch }) }, unit);
  };
}

/** Redistributes the messages of all producers in proportion to their requests. @returns whether all requests are known */
function shareByRequests(flows: readonly Flow[]): boolean {
  if (flows.length === 0 || flows.some(({ messagesPerBatch }) => messagesPerBatch === undefined)) return false;
  const requests = flows.map(({ messagesPerSecond, messagesPerBatch = 1 }) => messagesPerSecond / messagesPerBatch);
  const all = requests.reduce((sum, each) => sum + each, 0);
  const messages = flows.reduce((sum, { messagesPerSecond }) => sum + messagesPerSecond, 0);
  if (all === 0) return false;
  for (const [index, flow] of flows.entries()) flow.demand = (messages * (requests[index] ?? 0)) / all;
  return true;
}

type Demanding = Omit<ClientCost, 'share' | 'shareOfSafeMax'> & { demand: number };

function producersOf(flows: readonly Flow[]): Demanding[] {
  return [...Map.groupBy(flows, (flow) => JSON.stringify(nameOf(flow)))].flatMap(([, own]) => {
    const [first] = own;
    if (first === undefined) return [];
    const sum = (of: (flow: Flow) => number | undefined) =>
      own.reduce<number | undefined>((all, flow) => {
        const each = of(flow);
        return all === undefined || each === undefined ? undefined : all + each;
      }, 0);
    const messages = sum(({ messagesPerSecond }) => messagesPerSecond) ?? 0;
    const bytes = sum(({ bytesPerSecond }) => bytesPerSecond) ?? 0;
    const requests = sum(
      ({ messagesPerSecond, messagesPerBatch }) => messagesPerBatch && messagesPerSecond / messagesPerBatch,
    );
    const plain = sum(({ bytesPerSecond, compressionRatio }) => compressionRatio && bytesPerSecond * compressionRatio);
    const active = own.flatMap(({ activeSeconds }) => activeSeconds ?? []);
    return [
      {
        role: 'producer' as const,
        ...nameOf(first),
        ...(first.groups && { groups: first.groups }),
        topics: own.map(({ topic }) => topic),
        messagesPerSecond: messages,
        bytesPerSecond: bytes,
        ...(requests !== undefined &&
          requests > 0 && {
            requestsPerSecond: requests,
            messagesPerRequest: messages / requests,
            bytesPerRequest: bytes / requests,
          }),
        ...(plain !== undefined && bytes > 0 && { compressionRatio: plain / bytes }),
        ...(active.length > 0 && { activeSeconds: Math.max(...active) }),
        demand: sum(({ demand }) => demand) ?? 0,
      },
    ];
  });
}

function nameOf({ producerId, clientId, address, topic }: SampledProducer): Pick<ClientCost, 'by' | 'name'> {
  if (clientId !== undefined) return { by: 'client-id', name: clientId };
  if (address !== undefined) return { by: 'address', name: address };
  return producerId === undefined ? { by: 'without-id', name: topic } : { by: 'producer-id', name: String(producerId) };
}

function groupsOf({ groups }: LoadByName, costs: Costs, sizes: ReadonlyMap<string, number>): Demanding[] {
  return Array.from(groups, ([name, { consumeTps, topics = new Map<string, number>() }]) => {
    // A RocketMQ group has a retry topic, which is usually idle.
    const moving = [...topics].filter(([, tps]) => tps > 0);
    const bytes = moving.map(([topic, tps]) => (sizes.get(topic) ?? Number.NaN) * tps);
    const bytesPerSecond = bytes.reduce((sum, each) => sum + each, 0);
    return {
      role: 'consumer' as const,
      by: 'group' as const,
      name,
      topics: moving.map(([topic]) => topic),
      messagesPerSecond: consumeTps,
      ...(bytesPerSecond > 0 && { bytesPerSecond }),
      demand: moving.reduce((sum, [topic, tps]) => sum + tps * costs(topic).consumed, 0),
    };
  }).filter(({ messagesPerSecond }) => messagesPerSecond > 0);
}

/** Demand of all topics, sampled or not, including messages of hidden topics. */
function wholeDemand(unit: SharedBy, load: LoadByName, flows: readonly Flow[], costs: Costs): number {
  const sampled = new Set(flows.map(({ topic }) => topic));
  let whole = flows.reduce((sum, { demand }) => sum + demand, 0);
  for (const [topic, { produceTps = 0, consumeTps = 0 }] of load.topics) {
    const { produced, consumed } = costs(topic);
    whole += consumeTps * consumed + (sampled.has(topic) ? 0 : produceTps * produced);
  }
  return unit === 'messages' ? Math.max(whole, (load.produceTps ?? 0) + (load.consumeTps ?? 0)) : whole;
}

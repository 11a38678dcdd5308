// Plans a redline from a live cluster: its traffic, the use of the broker's host, and what speaks against it.

import type { KafkaMetadata } from '../../brokers/kafka/client.ts';
import type { Io } from '../../brokers/driver.ts';
import type { RedlineBasis } from '../../core/documents/redline-basis.ts';
import type { RedlinePlan } from '../../core/documents/redline.ts';
import { AppError } from '../../core/errors.ts';
import { ignoreFault } from '../../core/ignore-fault.ts';
import { percentText, pluralText, rateText } from '../../core/text/quantity-text.ts';
import { mean } from '../../core/statistics/statistics.ts';
import { seconds, type Seconds } from '../../core/units.ts';
import type { HostProbe } from '../../hosts/probe.ts';
import { watchUtilisation, type Utilisation } from '../../loadgen/record/utilisation.ts';
import { partitionKey } from '../../ops/kafka/live/broker-load.ts';
import type { OriginalPartition } from '../../ops/kafka/redline/lead.ts';
import { firstLimit, predictedUse, type MeasuredUse } from '../../ops/kafka/redline/next-limit.ts';
import { isMovable, ledBy, planRedline, type RedlinePartition } from '../../ops/kafka/redline/plan-redline.ts';
import { sampleLive, type TopicFilter } from './live-traffic.ts';
import type { RedlineCaller, RedlineSetting } from './redline-request.ts';

export interface LivePlan {
  plan: RedlinePlan;
  basis: RedlineBasis;
  partitions: readonly RedlinePartition[];
  metadata: KafkaMetadata;
  /** Every partition that may be moved, as it is now. */
  originals: OriginalPartition[];
  /** Stored bytes of a message on average. */
  messageBytes: number;
  problems: string[];
}

/** A law needs three steps. */
const fewestSteps = 3;

/** @param probe of the host of the broker; absent where none is configured. @throws AppError usage; as the cluster answers */
export async function planLive(
  { options, clock, signal }: Pick<RedlineCaller, 'options' | 'clock' | 'signal'>,
  setting: RedlineSetting,
  { only, probe, host }: { only: TopicFilter; probe?: HostProbe | undefined; host?: string | undefined },
): Promise<LivePlan> {
  const { changes, broker, stepShare, holdSeconds, maxMoves } = setting;
  const io = { signal };
  const before = await changes.describe(io);
  if (!before.brokers.some(({ id }) => id === String(broker))) {
    const known = before.brokers.map(({ id }) => id).join(', ');
    throw new AppError('usage', `cluster ${setting.name} has no broker ${broker}; brokers: ${known}`);
  }
  const bytesBefore = await storedBytes(setting, io);
  const [{ partitions, metadata }, uses] = await Promise.all([
    sampleLive(changes, only, { clock, sample: options.sample }, io),
    probe === undefined || host === undefined
      ? Promise.resolve([])
      : sampleHost(probe, host, { clock, sample: options.sample }, io),
  ]);
  const bytesAfter = await storedBytes(setting, io);
  const clusterTps = partitions.reduce((sum, each) => sum + each.messagesPerSecond, 0);
  const measured = measuredOf(uses, { setting, ledTps: ledBy(partitions, broker) });
  const limit = firstLimit(measured);
  const ask = { broker, partitions, stepShare, movesLeft: maxMoves };
  const { steps, end } = planRedline({ ...ask, ...(limit !== undefined && { mostTps: limit.tps }) });
  const ledTps = Object.fromEntries(metadata.brokers.map(({ id }) => [id, ledBy(partitions, Number(id))] as const));
  const movable = partitions.filter((each) => isMovable(each, broker));
  const basis = { broker: String(broker), clusterTps, ledTps, stepShare, holdSeconds, maxMoves };
  const usesAt = (rate: number) => measured.map((use) => predictedUse(use, rate));
  const plan: RedlinePlan = {
    clusterTps,
    ledTps,
    movablePartitions: movable.length,
    stepShare,
    holdSeconds,
    maxMoves,
    steps: [
      { partitions: [], ledTps: ledBy(partitions, broker), uses: usesAt(ledBy(partitions, broker)) },
      ...steps.map((step) => ({
        partitions: step.moves.map(partitionKey),
        ledTps: step.ledTps,
        uses: usesAt(step.ledTps),
      })),
    ],
    end: endText(end, limit),
  };
  const messages = clusterTps * options.sample;
  return {
    plan,
    basis,
    partitions,
    metadata,
    originals: movable.flatMap(({ topic, partition, replicas, leader }) =>
      leader === undefined ? [] : [{ topic, partition, replicas: [...replicas], leader }],
    ),
    messageBytes: messages > 0 ? Math.max(1, Math.round((bytesAfter - bytesBefore) / messages)) : 1,
    problems: [
      ...(await clusterProblems(setting, { metadata, only }, io)),
      ...planProblems(setting, { plan, movable: movable.length, steps: steps.length, end, measured, clusterTps }),
    ],
  };
}

async function clusterProblems(
  { changes, name }: RedlineSetting,
  { metadata, only }: { metadata: KafkaMetadata; only: TopicFilter },
  io: Io,
): Promise<string[]> {
  const problems: string[] = [];
  if (metadata.brokers.length < 2)
    problems.push(`cluster ${name} has one broker, which leads everything already: there is nothing to move to it`);
  const moving = await changes.moving(io);
  if (moving.length > 0) problems.push(`${pluralText(moving.length, 'partition')} of the cluster move now`);
  const partitions = metadata.topics.filter((topic) => only(topic.name)).flatMap((topic) => topic.partitions);
  const behind = partitions.filter(({ replicas, inSyncReplicas }) => inSyncReplicas.length < replicas.length);
  if (behind.length > 0)
    problems.push(
      `${pluralText(behind.length, 'partition')} have replicas that are not in sync, such as ${partitionKey(behind[0] as (typeof behind)[number])}`,
    );
  return problems;
}

function planProblems(
  { broker, maxMoves, policy }: RedlineSetting,
  found: {
    plan: RedlinePlan;
    movable: number;
    steps: number;
    end: string;
    measured: readonly MeasuredUse[];
    clusterTps: number;
  },
): string[] {
  const { plan, movable, steps, end, measured, clusterTps } = found;
  if (clusterTps <= 0) return ['no messages came in while the cluster was watched: a redline needs live traffic'];
  const problems: string[] = [];
  for (const { resource, node, points } of measured) {
    const [point] = points;
    const limit = measured.find((each) => each.resource === resource)?.policyLimit ?? policy.limits.cpu.value;
    if (point !== undefined && point.p99 > limit)
      problems.push(
        `${resource} of ${node} is at ${percentText(point.p99)} already, its limit is ${percentText(limit)}`,
      );
  }
  if (measured.every(({ resource }) => !resource.startsWith('network')))
    problems.push(
      `the network card of the host of broker ${broker} has no metrics: the redline would not see its limit`,
    );
  if (measured.every(({ resource }) => resource !== 'cpu'))
    problems.push(`the CPU of the host of broker ${broker} has no metrics: the redline would not see its limit`);
  if (movable === 0)
    problems.push(
      `broker ${broker} is in sync with no partition that another broker leads and that gets messages: leadership cannot move to it`,
    );
  else if (steps < fewestSteps && problems.length === 0 && end !== 'limit')
    problems.push(
      end === 'budget'
        ? `--max-moves ${maxMoves} allows ${pluralText(steps, 'step')}, and a maximum needs ${fewestSteps}: each partition takes two moves, there and back`
        : `only ${pluralText(steps, 'step')} of ${percentText(plan.stepShare)} can be made, and a maximum needs ${fewestSteps}`,
    );
  return problems;
}

const endText = (end: string, limit: ReturnType<typeof firstLimit>): string => {
  if (end === 'budget') return 'the budget of leader moves (--max-moves)';
  if (end === 'no-partitions' || limit === undefined)
    return 'the broker would lead every partition that it can lead without copying';
  const { resource, node, policyLimit } = limit.limit;
  return `${resource} of ${node} at its policy limit of ${percentText(policyLimit)}, at about ${rateText(limit.tps)}`;
};

/** Of leaders only: copies are the same messages. */
async function storedBytes({ changes }: RedlineSetting, io: Io): Promise<number> {
  const sizes = (await changes.sizes(io).catch(ignoreFault('without sizes the size of a message is unknown'))) ?? [];
  const largest = new Map<string, number>();
  for (const each of sizes.flatMap(({ replicas }) => replicas))
    largest.set(partitionKey(each), Math.max(largest.get(partitionKey(each)) ?? 0, each.bytes));
  return [...largest.values()].reduce((sum, bytes) => sum + bytes, 0);
}

async function sampleHost(
  probe: HostProbe,
  host: string,
  { clock, sample }: { clock: RedlineCaller['clock']; sample: Seconds },
  io: Io,
): Promise<Utilisation[]> {
  const inventory = await probe.describe(io);
  const utilisationsOf = watchUtilisation({ hosts: [inventory], brokers: [] });
  const begun = clock.monotonic();
  const seen: Utilisation[] = [];
  for (let second = 0; second <= sample; second += 1) {
    await clock.sleep(seconds(Math.max(0, begun + second - clock.monotonic())), io);
    const reading = await probe.sample(new Set(['cpus', 'disks', 'networkDevices']), io);
    const elapsedSeconds = clock.monotonic() - begun;
    seen.push(...utilisationsOf([{ kind: 'host', host, elapsedSeconds, scrapeSeconds: 0, reading }]));
  }
  return seen;
}

function measuredOf(
  uses: readonly Utilisation[],
  { setting: { policy, cluster }, ledTps }: { setting: RedlineSetting; ledTps: number },
): MeasuredUse[] {
  const maxNicShare = cluster.loadTest?.maxNicShare ?? 1;
  return [...Map.groupBy(uses, ({ resource }) => resource)].map(([resource, own]) => {
    const values = own.map(({ utilisation }) => utilisation);
    const limit = policy.limits[resource].value;
    return {
      resource,
      node: own[0]?.host ?? '',
      policyLimit: resource.startsWith('network') ? Math.min(limit, maxNicShare) : limit,
      // Too few seconds for a p99: the first step measures it.
      points: [{ ledTps, mean: mean(values), p99: mean(values) }],
    };
  });
}

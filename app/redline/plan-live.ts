// Plans a redline from a live cluster: its traffic, the use of the broker's host, and objections.

import type { Io } from '../../brokers/driver.ts';
import type { RedlineBasis } from '../../core/documents/redline-basis.ts';
import type { RedlinePlan } from '../../core/documents/redline.ts';
import { redlineTerms } from '../../core/broker-kind/redline-terms.ts';
import { AppError } from '../../core/errors.ts';
import { meantHint } from '../../core/text/nearest.ts';
import { percentText, pluralText, rateText } from '../../core/text/quantity-text.ts';
import { seconds, type Seconds } from '../../core/clock.ts';
import type { HostProbe } from '../../hosts/probe.ts';
import { meanOf, watchUtilisation, type TimedUtilisation } from '../../loadgen/record/utilisation.ts';
import { messagesBetween, planSteps, type LiveReading, type TopicFilter } from '../../ops/redline/live-load.ts';
import { firstLimit, predictedUse, type MeasuredUse } from '../../ops/redline/next-limit.ts';
import type { RedlineCaller, RedlineSetting } from './redline-request.ts';

export type LivePlan = Awaited<ReturnType<typeof planLive>>;

/** A fit needs three steps. */
const fewestSteps = 3;

/** @param probe of the broker's host, if configured. @throws AppError usage; errors of the cluster */
export async function planLive(
  { options, clock, signal }: Pick<RedlineCaller, 'options' | 'clock' | 'signal'>,
  setting: RedlineSetting,
  { only, probe, host }: { only: TopicFilter; probe?: HostProbe | undefined; host?: string | undefined },
) {
  const { driver, stepShare, holdSeconds, maxMoves } = setting;
  const { id } = driver.broker;
  const io = { signal };
  const before = await driver.read(only, io);
  const named = new Set(options.topics);
  const unknown = [...named].find((topic) => !before.topics.includes(topic));
  if (unknown !== undefined)
    throw new AppError('usage', `--topics: cluster ${setting.name} has no topic ${unknown}`, {
      hint: meantHint(unknown, before.topics, '`plimsoll get topics` lists them'),
    });
  const [after, uses] = await Promise.all([
    clock.sleep(options.sample, io).then(() => driver.read(only, io)),
    probe === undefined || host === undefined
      ? Promise.resolve([])
      : sampleHost(probe, host, { clock, sample: options.sample }, io),
  ]);
  const whole = after.loadSince(before);
  const mayChange = whole.originals.filter(({ topic }) => named.size === 0 || named.has(topic));
  const { load, left, topics = after.topics } = await driver.candidates(whole.among(mayChange), io);
  const { clusterTps, ledTps, originals } = load;
  const own = ledTps[id] ?? 0;
  const measured = measuredOf(uses, { setting, ledTps: own });
  const limit = firstLimit(measured);
  const ask = { stepShare, movesLeft: maxMoves, ...(limit !== undefined && { mostTps: limit.tps }) };
  const { steps, end } = planSteps(load, ask);
  const basis: RedlineBasis = { broker: id, clusterTps, ledTps, stepShare, holdSeconds, maxMoves };
  const usesAt = (rate: number) => measured.map((use) => predictedUse(use, rate));
  const plan: RedlinePlan = {
    clusterTps,
    ledTps,
    movablePartitions: originals.length,
    stepShare,
    holdSeconds,
    maxMoves,
    steps: [
      { partitions: [], ledTps: own, moves: 0, uses: usesAt(own) },
      ...steps.map((step) => ({
        partitions: [...step.names],
        ledTps: step.ledTps,
        moves: step.moves,
        uses: usesAt(step.ledTps),
      })),
    ],
    end: endText(setting, end, limit),
    ...(left.length > 0 && { leftOut: left }),
  };
  const [known, read] = [new Set(after.topics), new Set(topics)];
  return {
    plan,
    basis,
    /** Topics to read from now on, in addition to topics created later. */
    topics,
    // Messages of a new topic also load the brokers.
    reads: (topic: string) => only(topic) && (read.has(topic) || !known.has(topic)),
    /** Layout of all counted topics, including those without messages. */
    layout: after.layout,
    /** Current state of every partition or topic that may be changed. */
    originals,
    /** Messages per second by partition name. */
    partitionTps: ratesBetween(before, after),
    problems: [
      ...(await driver.problems(only, io)),
      ...(named.size > 0 ? left : []),
      ...planProblems(setting, { plan, movable: originals.length, steps: steps.length, end, measured, clusterTps }),
    ],
  };
}

function ratesBetween(before: LiveReading, after: LiveReading): ReadonlyMap<string, number> {
  const duration = after.atSeconds - before.atSeconds;
  if (duration <= 0) return new Map();
  return new Map([...messagesBetween(before, after)].map(([name, messages]) => [name, messages / duration]));
}

function planProblems(
  { driver: { broker }, cluster, maxMoves }: RedlineSetting,
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
  if (clusterTps <= 0) return ['the cluster received no messages during --sample: a redline needs live traffic'];
  const problems: string[] = [];
  for (const { resource, node, policyLimit, points } of measured) {
    const [point] = points;
    if (point !== undefined && point.p99 > policyLimit)
      problems.push(
        `${resource} of ${node} is at ${percentText(point.p99)} already, its limit is ${percentText(policyLimit)}`,
      );
  }
  if (measured.every(({ resource }) => !resource.startsWith('network')))
    problems.push(
      `the network card of the host of broker ${broker.name} has no metrics: the redline would not see its limit`,
    );
  if (measured.every(({ resource }) => resource !== 'cpu'))
    problems.push(`the CPU of the host of broker ${broker.name} has no metrics: the redline would not see its limit`);
  if (movable === 0)
    problems.push(`the load of broker ${broker.name} cannot be raised: ${redlineTerms[cluster.broker].exhausted}`);
  else if (steps < fewestSteps && problems.length === 0 && end !== 'limit')
    problems.push(
      end === 'budget'
        ? `--max-moves ${maxMoves} (there and back) allows ${pluralText(steps, 'step')}; ${fewestSteps} are needed`
        : `only ${pluralText(steps, 'step')} of ${percentText(plan.stepShare)} can be made; ${fewestSteps} are needed`,
    );
  return problems;
}

const endText = ({ cluster }: RedlineSetting, end: string, limit: ReturnType<typeof firstLimit>): string => {
  const { moves, exhausted } = redlineTerms[cluster.broker];
  if (end === 'budget') return `the budget of ${moves} (--max-moves)`;
  if (end === 'no-partitions' || limit === undefined) return exhausted;
  const { resource, node, policyLimit } = limit.limit;
  return `${resource} of ${node} at its policy limit of ${percentText(policyLimit)}, at about ${rateText(limit.tps)}`;
};

async function sampleHost(
  probe: HostProbe,
  host: string,
  { clock, sample }: { clock: RedlineCaller['clock']; sample: Seconds },
  io: Io,
): Promise<TimedUtilisation[]> {
  const inventory = await probe.describe(io);
  const utilisationsOf = watchUtilisation({ hosts: [inventory], brokers: [] });
  const begun = clock.monotonic();
  const seen: TimedUtilisation[] = [];
  for (let second = 0; second <= sample; second += 1) {
    await clock.sleep(seconds(Math.max(0, begun + second - clock.monotonic())), io);
    const reading = await probe.sample(new Set(['cpus', 'disks', 'networkDevices']), io);
    const elapsedSeconds = clock.monotonic() - begun;
    seen.push(...utilisationsOf([{ kind: 'host', host, elapsedSeconds, scrapeSeconds: 0, reading }]));
  }
  return seen;
}

function measuredOf(
  uses: readonly TimedUtilisation[],
  { setting: { policy, cluster, driver }, ledTps }: { setting: RedlineSetting; ledTps: number },
): MeasuredUse[] {
  const maxNicShare = cluster.loadTest?.maxNicShare ?? 1;
  return [...Map.groupBy(uses, ({ resource }) => resource)].map(([resource, own]) => {
    const { utilisation } = meanOf(own);
    const limit = policy.limits[resource].value;
    return {
      resource,
      node: own[0]?.host ?? '',
      policyLimit: resource.startsWith('network') ? Math.min(limit, maxNicShare) : limit,
      growth: driver.growthOf(resource),
      // Too few seconds for a p99, which the first step measures.
      points: [{ ledTps, mean: utilisation, p99: utilisation }],
    };
  });
}

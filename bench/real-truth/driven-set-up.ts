// Predicts the limit of a set-up from its lower steps, and then loads the set-up up to its limit.

import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import type { BitsPerSecond } from '../../core/units.ts';
import { copiedTps, readDrivenLimit, type DrivenLimit } from '../driven-limit.ts';
import { runPlimsoll } from '../plimsoll-command.ts';
import type { BenchIo } from '../bench.ts';
import { predictLimit, type PredictedLimit } from './predicted-limit.ts';
import type { SetUpLab } from './lab-of-set-up.ts';
import { readWhenFull, type WhenFull } from './segments-when-full.ts';
import { arithmeticTps, type SetUp } from './set-ups.ts';

export interface DrivenPlan {
  nic: BitsPerSecond;
  /** Messages per second of the steps; default: shares of the computed limit of the link. */
  rates?: readonly number[];
  stepDuration: string;
  drivenDuration: string;
  seed: number;
  /** Folder of the bundles. */
  folder: string;
}

export interface DrivenSetUp {
  rates: readonly number[];
  /** The drive with the highest achieved rate. */
  driven: DrivenLimit;
  /** Highest achieved rate at which the slowest replica kept up. */
  carriedTps: number;
  /** Predictions from steps of at most two thirds of the achieved rate, and of at most half of it. */
  fromTwoThirds: Prediction;
  fromHalf: Prediction;
  /** Compared with steps of at most two thirds; absent if there are fewer than three. */
  whenFull?: WhenFull;
}

export interface Prediction {
  /** Highest step relative to the achieved rate; 0 without steps. */
  highestShare: number;
  predicted?: PredictedLimit;
}

/** Shares of the computed limit; the highest stays below two thirds even if a cluster achieves a tenth less. */
const shares = [0.12, 0.24, 0.36, 0.45, 0.58];
/**
 * Shares of the warm-up rate of a broker with few cores: more steps, because the cost per message is not constant
 * there.
 */
const sharesOfCores = [0.12, 0.2, 0.28, 0.36, 0.44, 0.52, 0.6, 0.67];
const sharesAtOnce = [0.2, 0.38, 0.56];
/**
 * Factors relative to the prediction: first slightly above, because excess load causes responses that use bandwidth of
 * consumers (a quarter of RocketMQ's outgoing bytes; a lagging Kafka consumer receives part of a batch that it must
 * fetch again, a fifth of 4 KiB messages). If that rate was achieved, use the higher one.
 */
const beyond = { first: 1.06, further: 1.2 };
/** Share of the link speed at which the link counts as saturated. */
const fullShare = 0.97;
/** Share of acknowledged messages below which consumers or replicas fall behind. */
const starvedShare = 0.97;

const twoThirds = 0.67;

type Io = Pick<BenchIo, 'stderr' | 'signal'>;

/** Leaves bundles `steps`, `driven-1` and up to three more in the folder of the plan. */
export async function driveSetUp(setUp: SetUp, lab: SetUpLab, plan: DrivenPlan, io: Io): Promise<void> {
  const fillsCores = setUp.brokerCores !== undefined;
  // A closed loop only saturates a link if the brokers respond fast.
  const warm = fillsCores || setUp.lanes !== undefined ? await warmed(setUp, lab, plan, io) : 0;
  const expected = fillsCores ? warm : arithmeticTps(setUp, plan.nic);
  const ofExpected = fillsCores ? sharesOfCores : shares;
  const rates = plan.rates ?? setUp.rates ?? ofExpected.map((share) => Math.round(expected * share));
  const profile = { kind: 'steps', rates, stepDuration: plan.stepDuration };
  const steps = await load('steps', profile, setUp, { lab, plan }, io);
  const predicted = await predictLimit(steps, Number.POSITIVE_INFINITY, kindOf(setUp));
  const aim = predicted?.tps ?? Math.max(expected, ...rates);
  const drive = (rate: number, name: string) => driveInto(setUp, lab, { ...plan, rate, name }, io);
  const offered = aim * beyond.first;
  const first = await drive(offered, 'driven-1');
  if (setUp.lanes !== undefined) return;
  if (first.messagesPerSecond >= keptShare * offered) await drive(aim * beyond.further, 'driven-2');
  else if (isPastLimit(setUp, first)) await halve(first.messagesPerSecond, offered, drive);
}

/**
 * Warms up: cores are busy until the JIT has compiled the hot code.
 * @returns messages per second at which cores are almost saturated
 */
async function warmed(setUp: SetUp, lab: SetUpLab, plan: DrivenPlan, io: Io): Promise<number> {
  const rate = Math.max(...(plan.rates ?? [setUp.warmTps ?? arithmeticTps(setUp, plan.nic)]));
  const drive = { ...plan, drivenDuration: warmingDuration, rate, name: 'warming' };
  const lanes = setUp.warmLanes;
  const waiting = { ...setUp, ...(lanes !== undefined && { lanes }) };
  const { messagesPerSecond, cpu } = await driveInto(waiting, lab, drive, io);
  return messagesPerSecond / Math.min(1, Math.max(leastBusy, ...cpu.map(({ share }) => share)));
}

const warmingDuration = '40s';
/** Lower bound of the CPU share in use, so that the target is at most twice the rate of the warm-up. */
const leastBusy = 0.5;

/** Bisects: if consumers, replicas or the heap fall behind, the limit is below this rate. */
async function halve(
  carried: number,
  offered: number,
  drive: (rate: number, name: string) => Promise<DrivenLimit>,
): Promise<void> {
  let [low, high] = [carried, offered];
  for (const name of ['driven-2', 'driven-3', 'driven-4']) {
    const middle = (low + high) / 2;
    const { messagesPerSecond } = await drive(middle, name);
    if (messagesPerSecond >= keptShare * middle) low = middle;
    else high = middle;
  }
}

/** Share of the offered rate; less means overload. */
const keptShare = 0.98;

/** If useful traffic saturates a link, the achieved rate is its limit. */
const isPastLimit = ({ brokerCores }: SetUp, { fullest, messagesPerSecond, acknowledgedPerSecond }: DrivenLimit) =>
  brokerCores !== undefined || fullest.share < fullShare || messagesPerSecond < starvedShare * acknowledgedPerSecond;

/**
 * Does the same in one run, for set-ups without replication: three steps of at most two thirds, and a last one beyond
 * the limit.
 *
 * @returns undefined as prediction if the analysis makes none from the three steps
 */
export async function driveAtOnce(
  setUp: SetUp,
  lab: SetUpLab,
  plan: Omit<DrivenPlan, 'rates' | 'drivenDuration'>,
  io: Io,
): Promise<{ driven: DrivenLimit; predicted?: PredictedLimit }> {
  const expected = arithmeticTps(setUp, plan.nic);
  const rates = [...sharesAtOnce, beyond.first].map((share) => Math.round(expected * share));
  const bundle = await load(
    'steps',
    { kind: 'steps', rates, stepDuration: plan.stepDuration },
    setUp,
    { lab, plan },
    io,
  );
  const driven = await readDrivenLimit(bundle, plan.nic, sharesAtOnce.length);
  const predicted = await predictLimit(bundle, twoThirds * driven.messagesPerSecond, 'link');
  return { driven, ...(predicted && { predicted }) };
}

/** @param folder folder of the bundles that driveSetUp created */
export async function judgeSetUp(setUp: SetUp, nic: BitsPerSecond, folder: string): Promise<DrivenSetUp> {
  const steps = join(folder, 'steps');
  const rates = await ratesOf(steps);
  const drives = (await readdir(folder)).filter((name) => /^driven-\d$/.test(name));
  const outcomes = [];
  for (const name of drives) {
    const driven = await readDrivenLimit(join(folder, name), nic);
    // At the highest step all replicas kept up.
    const copied =
      setUp.replicas > 1
        ? copiedTps(await readDrivenLimit(steps, nic, rates.length - 1), driven)
        : driven.acknowledgedPerSecond;
    outcomes.push({ driven, carriedTps: Math.min(driven.messagesPerSecond, copied) });
  }
  // A rate that was achieved once is possible. Ignore resources that were saturated only at rates that consumers or
  // replicas could not follow.
  const [most] = outcomes.toSorted((a, b) => b.carriedTps - a.carriedTps);
  if (most === undefined) throw new AppError('run-missing', `${folder} holds no drive into the limit`);
  const { driven, carriedTps } = most;
  const from = async (share: number): Promise<Prediction> => {
    const used = rates.filter((rate) => rate <= share * carriedTps);
    const predicted = await predictLimit(steps, share * carriedTps, kindOf(setUp));
    return { highestShare: Math.max(0, ...used) / carriedTps, ...(predicted && { predicted }) };
  };
  const lower = rates.filter((rate) => rate <= twoThirds * carriedTps).length;
  const whenFull = await readWhenFull(steps, lower, driven, nic);
  return {
    rates,
    driven,
    carriedTps,
    fromTwoThirds: await from(twoThirds),
    fromHalf: await from(0.5),
    ...(whenFull && { whenFull }),
  };
}

const kindOf = ({ brokerCores }: SetUp) => (brokerCores === undefined ? 'link' : 'cores');

async function ratesOf(bundle: string): Promise<number[]> {
  const { steps } = Planned.parse(JSON.parse(await readFile(join(bundle, 'run.json'), 'utf8')));
  return steps.map(({ targetTps }) => targetTps);
}

const Planned = z.object({ steps: z.array(z.object({ targetTps: z.number() })).min(1) });

/** @param rate above the limit; ignored in a closed loop. @returns the achieved rate */
export async function driveInto(
  setUp: SetUp,
  lab: SetUpLab,
  plan: Omit<DrivenPlan, 'rates' | 'stepDuration'> & { rate: number; name?: string },
  io: Io,
): Promise<DrivenLimit> {
  const profile =
    setUp.lanes === undefined
      ? { kind: 'constant', rate: Math.round(plan.rate), duration: plan.drivenDuration }
      : { kind: 'closed-loop', producers: 2, threads: setUp.lanes / 2, stepDuration: plan.drivenDuration };
  return readDrivenLimit(await load(plan.name ?? 'driven', profile, setUp, { lab, plan }, io), plan.nic);
}

async function load(
  name: string,
  profile: object,
  setUp: SetUp,
  { lab, plan }: { lab: SetUpLab; plan: Pick<DrivenPlan, 'folder' | 'seed'> },
  io: Io,
): Promise<string> {
  const out = join(plan.folder, name);
  const file = join(plan.folder, `${name}.yaml`);
  const workload = {
    messageSize: `${setUp.messageBytes}B`,
    groups: setUp.groups,
    linger: setUp.linger,
    seed: plan.seed,
    replicationFactor: setUp.product === 'kafka' ? setUp.replicas : 1,
    partitions: setUp.product === 'kafka' ? 3 * setUp.brokers : 4,
    ...(setUp.product === 'rocketmq' && { requests: setUp.requests }),
    // A Kafka broker processes one request per connection at a time, and then waits for the next one.
    ...(setUp.brokerCores !== undefined && setUp.product === 'kafka' && { workers: 4 }),
    warmUp: '5s',
    ledger: false,
    outage: '5m',
    profile,
  };
  await mkdir(plan.folder, { recursive: true });
  await writeFile(file, JSON.stringify(workload));
  const words = ['run', file, '--config', lab.configPath, '--out', out, '--no-calibration', '--json'];
  await runPlimsoll(words, io);
  await cp(lab.configPath, join(plan.folder, 'plimsoll.yaml'));
  return out;
}

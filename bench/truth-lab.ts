// Compares limits predicted from lower steps with the rates that real clusters then achieve.

import { mkdir, mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { BitRate, Size } from '../core/text/quantity.ts';
import type { BitsPerSecond } from '../core/units.ts';
import { parseOptions, type Bench, type BenchIo, type BenchResult } from './bench.ts';
import { driveSetUp, judgeSetUp, type DrivenSetUp, type Prediction } from './real-truth/driven-set-up.ts';
import { hostsOf, startSetUp } from './real-truth/lab-of-set-up.ts';
import { limitSetUps } from './real-truth/limits/limit-set-ups.ts';
import { recordSetUps, type RecordRequest } from './real-truth/limits/record-set-ups.ts';
import { namedSetUp, setUps, type SetUp } from './real-truth/set-ups.ts';
import { keepTruthRow } from './real-truth/truth-rows.ts';

/** Maximum error of one set-up; the median over all must be within 5%, and within 8% from half of the limit. */
const worst = { fromTwoThirds: 0.08, fromHalf: 0.15 };
/** Above this share a direction counts as saturated: a shaped link shows 95 to 100% of its speed. */
const full = 0.95;

const LabOptions = z.object({
  nic: BitRate.optional(),
  'message-size': z
    .string()
    .transform((text) => (/^\d+$/.test(text) ? `${text}B` : text))
    .pipe(Size)
    .optional(),
  groups: z.coerce.number().int().min(0).max(10).optional(),
  cores: z.coerce.number().min(0.05).max(1).optional(),
  rates: z
    .string()
    .transform((text) => text.split(',').map(Number))
    .pipe(z.array(z.number().positive()).min(3))
    .optional(),
  seed: z.coerce.number().int().min(0).default(1),
  'step-duration': z.string().default('9s'),
  'driven-duration': z.string().default('20s'),
});

export const truthLab = {
  name: 'truth-lab',
  summary: 'limits of real brokers predicted from lower steps, and the measured limits; one row per set-up',
  options: {
    'set-up': {
      type: 'string',
      value: 'NAME',
      help: `one of ${Object.keys(setUps).join(', ')}, or several of ${Object.keys(limitSetUps).join(', ')}`,
    },
    'all-limits': { type: 'boolean', help: 'every set-up whose limit is more than one known card' },
    resume: { type: 'boolean', help: 'of those, leave out what the same code has a result of' },
    'no-record': { type: 'boolean', help: 'of those, record nothing' },
    nic: { type: 'string', value: 'RATE', help: 'another speed of each card' },
    'message-size': { type: 'string', value: 'SIZE', help: 'another size of each value' },
    groups: { type: 'string', value: 'N', help: 'another number of consumer groups' },
    cores: { type: 'string', value: 'N', help: 'share of a core that each broker may use' },
    rates: { type: 'string', value: 'RATES', help: 'of the steps, messages per second, separated by commas' },
    seed: { type: 'string', value: 'S', help: 'of the bytes in the messages (default 1)' },
    'step-duration': { type: 'string', value: 'TIME', help: 'of each step (default 9s)' },
    'driven-duration': { type: 'string', value: 'TIME', help: 'of the step at the limit (default 20s)' },
    again: { type: 'string', value: 'DIR', help: 'evaluate bundles that --keep left, without a test' },
    keep: { type: 'string', value: 'DIR', help: 'keep the bundles in this folder' },
  },
  evidence: 'docs/evidence/truth.md',
  recordsItself: (options) => limitsOf(options) !== undefined,

  async run(io) {
    const limits = limitsOf(io.options);
    if (limits !== undefined) return recordSetUps(limits, io);
    const { name, setUp, asked } = readOptions(io.options);
    const nic = asked.nic ?? BitRate.parse(setUp.nic);
    const { folder, hosts } = await bundlesOf({ name, setUp, asked, nic }, io);
    await using _remove = folder;
    const outcome = await judgeSetUp(setUp, nic, folder.path);
    const isFull = fullness(setUp, outcome, hosts);
    const judged = typeof io.options['again'] === 'string' ? 'again' : 'when driven';
    await keepTruthRow(name, setUp, outcome, { isFull, judged });
    return resultsOf(name, outcome, isFull);
  },
} satisfies Bench;

/** @returns undefined if the named set-up has a single network interface or core of known speed */
function limitsOf(options: BenchIo['options']): RecordRequest | undefined {
  const named = String(options['set-up'] ?? '').split(',');
  const names = options['all-limits'] === true ? Object.keys(limitSetUps) : named;
  if (!names.every((name) => Object.hasOwn(limitSetUps, name))) return undefined;
  const { 'step-duration': stepDuration, 'driven-duration': driveDuration, keep } = options;
  return {
    names,
    stepDuration: String(stepDuration ?? '9s'),
    driveDuration: String(driveDuration ?? '12s'),
    isResumed: options['resume'] === true,
    isTrial: options['no-record'] === true,
    ...(typeof keep === 'string' && { keep }),
  };
}

/** Runs the set-up, or uses stored bundles of it. */
async function bundlesOf(
  { name, setUp, asked, nic }: ReturnType<typeof readOptions> & { nic: BitsPerSecond },
  io: BenchIo,
) {
  const { keep, again } = io.options;
  if (typeof again === 'string') {
    return { folder: keptFolder(resolve(again)), hosts: await hostsOf(join(resolve(again), 'plimsoll.yaml')) };
  }
  const folder =
    typeof keep === 'string'
      ? keptFolder(resolve(join(keep, `${name}-${Date.now()}`)))
      : await mkdtempDisposable(join(tmpdir(), 'plimsoll-bench-truth-'));
  await mkdir(folder.path, { recursive: true });
  await using lab = await startSetUp(setUp, nic);
  const plan = {
    nic,
    stepDuration: asked['step-duration'],
    drivenDuration: asked['driven-duration'],
    seed: asked.seed,
    folder: folder.path,
    ...(asked.rates && { rates: asked.rates }),
  };
  await driveSetUp(setUp, lab, plan, io);
  return { folder, hosts: lab.hosts };
}

const keptFolder = (path: string) => ({ path, [Symbol.asyncDispose]: async () => undefined });

function readOptions(options: BenchIo['options']) {
  const { name, setUp: known } = namedSetUp('truth-lab', options['set-up']);
  const asked = parseOptions('truth-lab', LabOptions, options);
  const { groups, cores, 'message-size': messageBytes } = asked;
  const setUp = {
    ...known,
    ...(options['nic'] !== undefined && { nic: String(options['nic']) }),
    ...(messageBytes !== undefined && { messageBytes }),
    ...(groups !== undefined && { groups }),
    ...(cores !== undefined && { brokerCores: cores }),
  };
  return { name, setUp, asked };
}

/** @returns utilization of the named resource at the limit, and of the most utilized one */
function fullness(setUp: SetUp, { driven, fromTwoThirds }: DrivenSetUp, hosts: ReadonlyMap<string, string>) {
  const limit = fromTwoThirds.predicted?.limit;
  const host = limit && hosts.get(limit.node);
  const ofCpu = driven.cpu.find((each) => each.host === host)?.share;
  const ofLink = driven.shares.find((each) => each.host === host && each.direction === limit?.name)?.share;
  const [fullestCpu] = driven.cpu.toSorted((a, b) => b.share - a.share);
  return {
    named: (limit?.name === 'cpu' ? ofCpu : ofLink) ?? 0,
    // Without a quota the cores are the machine's, which the load generator also uses.
    fullest:
      setUp.brokerCores !== undefined && fullestCpu !== undefined && fullestCpu.share > driven.fullest.share
        ? { host: fullestCpu.host, direction: 'cpu', share: fullestCpu.share }
        : driven.fullest,
  };
}

export type Fullness = ReturnType<typeof fullness>;

function resultsOf(
  name: string,
  { carriedTps, fromTwoThirds, fromHalf }: DrivenSetUp,
  isFull: Fullness,
): BenchResult[] {
  const row = (what: string, { predicted, highestShare }: Prediction, goal: number): BenchResult => ({
    metric: `${name}: limit from steps up to ${(100 * highestShare).toFixed(0)}% of it${what}`,
    unit: 'msg/s',
    ours: predicted?.tps ?? 0,
    peer: { name: 'measured limit', version: 'same lab', value: carriedTps },
    goal: `within ${goal * 100}%`,
    met: predicted !== undefined && Math.abs(predicted.tps / carriedTps - 1) <= goal,
  });
  const { predicted } = fromTwoThirds;
  const flagged = fromHalf.predicted?.isFlagged === true;
  return [
    row('', fromTwoThirds, worst.fromTwoThirds),
    row(flagged ? ', flagged' : ', not flagged', fromHalf, worst.fromHalf),
    {
      metric: `${name}: use of the predicted resource at the limit (${predicted === undefined ? 'none' : `${predicted.limit.name} of ${predicted.limit.node}`}; fullest ${isFull.fullest.direction} of ${isFull.fullest.host})`,
      unit: 'ratio',
      ours: isFull.named,
      goal: `at least ${full}`,
      met: isFull.named >= full,
    },
  ];
}

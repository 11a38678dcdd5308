// Checks invariants of verdicts that hold for every true limit.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Analysis } from '../../core/documents/analysis.ts';
import { fullMatrix } from '../support/prerequisites.ts';
import { Judges } from './judged-by-many.ts';
import { changed, driven, linkBound, scattered } from './world/calm-clusters.ts';
import { renameNodes, reorder } from './world/renamed-bundle.ts';
import { withoutStep } from './world/seconds.ts';
import { drawWorld, type StratumName } from './world/strata.ts';
import { firstOf, fullLimits } from './world/true-limits.ts';
import { writeBundle } from './world/world-bundle.ts';
import type { World } from './world/world.ts';

let judges: Judges;
let elsewhere: Judges;
let folder: string;
beforeAll(async () => {
  judges = new Judges(2);
  elsewhere = new Judges(1, { TZ: 'Asia/Kathmandu', LC_ALL: 'de_DE.UTF-8' });
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-laws-'));
});
afterAll(async () => {
  await judges[Symbol.asyncDispose]();
  await elsewhere[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const seeds = [1, 2, 3, 4, 5, 6];
const calm = (seed: number): World => {
  const world = linkBound(seed);
  return driven(world, firstOf(fullLimits(world)).tps, [0.25, 0.35, 0.45, 0.55, 0.65, 0.72], 12);
};

const drawn: readonly (readonly [StratumName, number])[] = [
  ['kafka, three brokers', 1],
  ['rocketmq, master and slave', 6],
  ['fast links, few cores', 3],
  ['two brokers on a host', 4],
  ['seconds lost', 5],
];
/** One cluster of each broker kind; the full matrix uses all. */
const clusters = fullMatrix ? drawn : drawn.slice(0, 2);

async function written(name: string, world: World): Promise<string> {
  const directory = join(folder, name);
  await writeBundle(directory, world);
  return directory;
}

function numberOf({ safeMaxTps }: Analysis) {
  if (safeMaxTps.kind !== 'predicted' && safeMaxTps.kind !== 'confirmed') throw new Error(JSON.stringify(safeMaxTps));
  return safeMaxTps;
}

function widthOf(analysis: Analysis): number {
  const { interval, estimateTps } = numberOf(analysis);
  return ((interval.high ?? Number.POSITIVE_INFINITY) - interval.low) / estimateTps;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test.each(clusters)('a more permissive policy never decreases the safe maximum: %s', async (name, seed) => {
  const directory = await written(`headroom-${seed}`, drawWorld(name, seed));
  const policies = [0.5, 0.6, 0.7, 0.8, 0.9].map((share) => ({ policy: { cpu: share, network: share, disk: share } }));
  const answers = await Promise.all(policies.map((analyzer) => judges.analyse(directory, analyzer)));
  const numbers = answers.map((analysis) => numberOf(analysis).tps);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
});

test.each(clusters)('folder, time zone and line order do not change the verdict: %s', async (name, seed) => {
  const world = drawWorld(name, seed);
  const [first, second, third] = await Promise.all(
    ['first', 'second', 'third'].map((each) => written(`${each}-${seed}`, world)),
  );
  await reorder(third as string);
  const [here, there, turned] = await Promise.all([
    judges.analyse(first as string),
    elsewhere.analyse(second as string),
    judges.analyse(third as string),
  ]);
  expect(there).toEqual(here);
  expect(turned?.safeMaxTps).toEqual(here?.safeMaxTps);
  expect(turned?.saturationTps).toEqual(here?.saturationTps);
  expect(turned?.binding).toEqual(here?.binding);
});

test.each(clusters)('renamed nodes change only names in the verdict: %s', async (name, seed) => {
  const directory = await written(`names-${seed}`, drawWorld(name, seed));
  const before = numberOf(await judges.analyse(directory));
  const names = await renameNodes(directory);
  const after = numberOf(await judges.analyse(directory));
  const { limitedBy } = before;
  const node = 'node' in limitedBy ? (names.get(limitedBy.node) ?? limitedBy.node) : undefined;
  expect(after).toEqual({ ...before, limitedBy: { ...limitedBy, ...(node !== undefined && { node }) } });
});

test('a faster link with proportionally larger messages has the same safe maximum', async () => {
  const world = scattered(calm(7), 0.1);
  const times = 8;
  const larger = changed(world, (use) => {
    const { idle, perMessage, perRequest, perMessageSquared } = use.law;
    const law = { idle: times * idle, perMessage: times * perMessage, perRequest: times * perRequest };
    return { ...use, capacity: times * use.capacity, law: { ...law, perMessageSquared: times * perMessageSquared } };
  });
  const hosts = larger.hosts.map((host) => ({
    ...host,
    linkBitsPerSecond: times * host.linkBitsPerSecond,
    uses: { ...host.uses, cpu: world.hosts[0]?.uses.cpu },
  })) as World['hosts'];
  const [one, other] = await Promise.all([world, { ...larger, hosts }].map((each) => judges.analyseWorld(each)));
  if (!one || !other) throw new Error('no answer');
  expect(numberOf(other).tps / numberOf(one).tps).toBeCloseTo(1, 4);
});

test('a second identical broker doubles the safe maximum', async () => {
  const one = scattered(calm(8), 0.1);
  const [host] = one.hosts as [World['hosts'][number]];
  const half = changed(one, (use) => ({
    ...use,
    law: { ...use.law, perMessage: use.law.perMessage / 2, perRequest: use.law.perRequest / 2 },
  })).hosts[0] as World['hosts'][number];
  const two: World = {
    ...one,
    hosts: [half, { ...half, name: `${host.name}-too`, brokers: ['2'] }],
    steps: one.steps.map((step) => ({ ...step, targetTps: 2 * step.targetTps })),
  };
  const [single, double] = await Promise.all([one, two].map((each) => judges.analyseWorld(each)));
  if (!single || !double) throw new Error('no answer');
  expect(numberOf(double).estimateTps / numberOf(single).estimateTps).toBeCloseTo(2, 1);
  expect(double.perBroker.map(({ broker }) => broker)).toEqual(['1', '2']);
});

test('more noise widens the interval, on average over seeds', async () => {
  const [quiet, loud] = await Promise.all(
    [1, 3].map((times) => Promise.all(seeds.map((seed) => judges.analyseWorld(scattered(calm(seed), times))))),
  );
  if (!quiet || !loud) throw new Error('no answer');
  expect(mean(loud.map(widthOf))).toBeGreaterThan(mean(quiet.map(widthOf)));
});

// Not in every single run: an outlying step widens the interval, so its removal narrows it.
test('removing a step widens the interval, on average over seeds and steps', async () => {
  const ratios = await Promise.all(
    seeds.map(async (seed) => {
      const world = calm(seed);
      const whole = widthOf(await judges.analyseWorld(world));
      const left = await Promise.all(
        [0, 2, 5].map(async (step) => {
          const less = withoutStep(world, step);
          const directory = join(folder, `without-${seed}-${step}`);
          await writeBundle(directory, less.world, less.seconds);
          return widthOf(await judges.analyse(directory));
        }),
      );
      return mean(left) / whole;
    }),
  );
  expect(mean(ratios)).toBeGreaterThan(1);
});

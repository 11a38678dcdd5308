// Compares predictions from lower steps with the limits of real brokers.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { median } from '../../../bench/bench.ts';
import type { DrivenLimit } from '../../../bench/driven-limit.ts';
import {
  driveAtOnce,
  driveSetUp,
  judgeSetUp,
  type DrivenSetUp,
  type Prediction,
} from '../../../bench/real-truth/driven-set-up.ts';
import type { PredictedLimit } from '../../../bench/real-truth/predicted-limit.ts';
import { startSetUp } from '../../../bench/real-truth/lab-of-set-up.ts';
import { setUps, type SetUp, type SetUpName } from '../../../bench/real-truth/set-ups.ts';
import { BitRate } from '../../../core/text/quantity.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

/** Relative error: of the median set-up, and of the worst. */
const goals = { fromTwoThirds: { median: 0.05, worst: 0.08 }, fromHalf: { median: 0.08, worst: 0.15 } };
/** With immediate sends, requests share messages only near the limit, which no lower step shows: predictions are too low by this ratio. */
const tooLow: Partial<Record<SetUpName, number>> = { 'kafka-3-unbatched': 0.2 };
/** As in docs/evidence/truth.md: if a network interface is below this ratio of its speed, the limit was the processor, or consumers that lag. */
const full = 0.95;
/** Minimum number of set-ups whose predicted network interface must be saturated. */
const leastFull = 12;
/** Ratio to the busiest network interface: the mean of twelve seconds is uncertain by 4%, and brokers of equal load are equally busy. */
const asFull = 0.9;

const needs = requires('java', 'maven', 'root', 'ip', 'tc', 'ethtool');
const io = () => ({
  stderr: { write: () => undefined, isTerminal: false, columns: 100 },
  signal: AbortSignal.timeout(580_000),
});

/** Slower than in the matrix, which covers RocketMQ and all other set-ups. */
const quick: [SetUpName, nic: string][] = [['kafka-4-small-batched', '10mbit']];

for (const [name, link] of quick) {
  needs.test(
    `${name} behind ${link}: the limit predicted from two thirds of it matches the measured limit`,
    async () => {
      await using own = new AsyncDisposableStack();
      const lab = own.use(await startSetUp(setUps[name], BitRate.parse(link)));
      const folder = await scratchFolder(own);
      const { driven, predicted } = await driveAtOnce(
        setUps[name],
        lab,
        { nic: BitRate.parse(link), stepDuration: '8s', seed: 1, folder },
        io(),
      );
      const said = JSON.stringify({ driven, predicted });
      expect(Math.abs((predicted?.tps ?? 0) / driven.messagesPerSecond - 1), said).toBeLessThan(
        goals.fromTwoThirds.worst,
      );
      expect(shareNamed(driven, predicted, lab.hosts), said).toBeGreaterThan(asFull);
    },
    200_000,
  );
}

if (fullMatrix) {
  const links = (Object.keys(setUps) as SetUpName[]).filter((name) => !('brokerCores' in setUps[name]));
  const errors = { fromTwoThirds: [] as number[], fromHalf: [] as number[] };

  for (const name of links) {
    needs.test(
      `${name}: the limits predicted from half and two thirds of it match the measured limit`,
      async () => {
        const { outcome, hosts } = await driven(setUps[name]);
        const said = JSON.stringify(outcome);
        const named = shareNamed(outcome.driven, outcome.fromTwoThirds.predicted, hosts);
        expect(named, said).toBeGreaterThan(asFull * outcome.driven.fullest.share);
        if (named < full) return;
        expect(outcome.fromHalf.predicted?.isFlagged, said).toBe(true);
        for (const part of ['fromTwoThirds', 'fromHalf'] as const) {
          const error = errorOf(outcome[part], outcome);
          errors[part].push(Math.abs(error));
          expect(error, `${part}: ${said}`).toBeLessThan(goals[part].worst);
          expect(error, `${part}: ${said}`).toBeGreaterThan(-(tooLow[name] ?? goals[part].worst));
        }
      },
      600_000,
    );
  }

  needs.test('the median error over set-ups with a saturated predicted link is small', () => {
    expect(errors.fromTwoThirds.length).toBeGreaterThanOrEqual(leastFull);
    expect(median(errors.fromTwoThirds)).toBeLessThan(goals.fromTwoThirds.median);
    expect(median(errors.fromHalf)).toBeLessThan(goals.fromHalf.median);
  });
}

async function driven(setUp: SetUp): Promise<{ outcome: DrivenSetUp; hosts: ReadonlyMap<string, string> }> {
  const nic = BitRate.parse(setUp.nic);
  await using cleanUp = new AsyncDisposableStack();
  const folder = await scratchFolder(cleanUp);
  const lab = cleanUp.use(await startSetUp(setUp, nic));
  await driveSetUp(setUp, lab, { nic, stepDuration: '9s', drivenDuration: '20s', seed: 1, folder }, io());
  return { outcome: await judgeSetUp(setUp, nic, folder), hosts: lab.hosts };
}

async function scratchFolder(cleanUp: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-truth-'));
  cleanUp.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const errorOf = ({ predicted }: Prediction, { carriedTps }: DrivenSetUp) =>
  predicted === undefined ? Number.POSITIVE_INFINITY : predicted.tps / carriedTps - 1;

/** Returns utilization in the named direction of the named broker when the cluster is at its limit. */
function shareNamed(
  { shares }: DrivenLimit,
  predicted: PredictedLimit | undefined,
  hosts: ReadonlyMap<string, string>,
): number {
  const host = hosts.get(predicted?.limit.node ?? '');
  return shares.find((each) => each.host === host && each.direction === predicted?.limit.name)?.share ?? 0;
}

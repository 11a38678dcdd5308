// Does what is predicted from the lower steps come true on real brokers, in the right direction of the right broker?

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { median } from '../../../bench/bench.ts';
import { driveSetUp, judgeSetUp, type DrivenSetUp, type Prediction } from '../../../bench/real-truth/driven-set-up.ts';
import { startSetUp } from '../../../bench/real-truth/lab-of-set-up.ts';
import { setUps, type SetUp, type SetUpName } from '../../../bench/real-truth/set-ups.ts';
import { BitRate } from '../../../core/quantity.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

/** Relative error: of the median set-up, and of the worst. */
const goals = { fromTwoThirds: { median: 0.05, worst: 0.08 }, fromHalf: { median: 0.08, worst: 0.15 } };
const full = 0.95;

if (fullMatrix) {
  const needs = requires('java', 'maven', 'root', 'ip', 'tc', 'ethtool');
  const links = (Object.keys(setUps) as SetUpName[]).filter((name) => !('brokerCores' in setUps[name]));
  const errors = { fromTwoThirds: [] as number[], fromHalf: [] as number[] };

  for (const name of links) {
    needs.test(
      `${name}: the limit is predicted from half and two thirds of it, and lies where it is said to`,
      async () => {
        const { outcome, hosts } = await driven(setUps[name]);
        for (const part of ['fromTwoThirds', 'fromHalf'] as const) {
          const error = errorOf(outcome[part], outcome);
          errors[part].push(error);
          expect(error, `${part}: ${JSON.stringify(outcome)}`).toBeLessThan(goals[part].worst);
        }
        expect(outcome.fromHalf.predicted?.isFlagged).toBe(true);
        expect(sharesNamed(outcome, hosts), JSON.stringify(outcome)).toBeGreaterThan(full);
      },
      300_000,
    );
  }

  needs.test('the median of all set-ups is near', () => {
    expect(errors.fromTwoThirds.length, 'set-ups driven before').toBeGreaterThanOrEqual(12);
    expect(median(errors.fromTwoThirds)).toBeLessThan(goals.fromTwoThirds.median);
    expect(median(errors.fromHalf)).toBeLessThan(goals.fromHalf.median);
  });
}

async function driven(setUp: SetUp): Promise<{ outcome: DrivenSetUp; hosts: ReadonlyMap<string, string> }> {
  const nic = BitRate.parse(setUp.nic);
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-truth-'));
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => rm(folder, { recursive: true, force: true }));
  const lab = cleanUp.use(await startSetUp(setUp, nic));
  const io = {
    stderr: { write: () => undefined, isTerminal: false, columns: 100 },
    signal: AbortSignal.timeout(280_000),
  };
  const plan = { nic, stepDuration: '9s', drivenDuration: '20s', seed: 1, folder };
  await driveSetUp(setUp, lab, plan, io);
  return { outcome: await judgeSetUp(setUp, nic, folder), hosts: lab.hosts };
}

const errorOf = ({ predicted }: Prediction, { carriedTps }: DrivenSetUp) =>
  predicted === undefined ? Number.POSITIVE_INFINITY : Math.abs(predicted.tps / carriedTps - 1);

/** How full the direction of the broker that was named is when the cluster is driven into its limit. */
function sharesNamed({ driven: { shares }, fromTwoThirds }: DrivenSetUp, hosts: ReadonlyMap<string, string>): number {
  const { predicted } = fromTwoThirds;
  const host = hosts.get(predicted?.limit.node ?? '');
  return shares.find((each) => each.host === host && each.direction === predicted?.limit.name)?.share ?? 0;
}

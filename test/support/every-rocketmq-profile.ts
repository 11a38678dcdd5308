// Compares all counts of a run with RocketMQ's own offsets, for every profile and option.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rocketmqOffsets } from './tool-offsets.ts';
import { keepMatrixSection } from './matrix-page.ts';
import { checkRuns, driveAll, faultsOf, type CheckedRun } from './matrix-run.ts';
import { profileWorkloads, rocketmqModes, rocketmqOptions } from './matrix-workloads.ts';
import { fullMatrix, requires } from './prerequisites.ts';
import { startRocketmq, type RunningRocketmq } from './rocketmq.ts';

const ramp = (to: number) => ({ kind: 'ramp', from: 50, to, duration: '12s', step: '2s' });
const warmUp = { messageSize: '500B', groups: 1, profile: ramp(1000) };
const warmUpOfOptions = {
  'transactions before all': { ...warmUp, transactions: {}, profile: ramp(300) },
  'delays before all': { ...warmUp, delay: { level: 1 }, profile: ramp(300) },
};
const minutes = (count: number) => count * 60_000;

/** @param file of the caller, for the command that repeats the runs of a cluster */
export function testEveryProfile(version: string, file: string): void {
  const command = `PLIMSOLL_TEST_FULL=1 npx vitest run --project integration ${file}`;
  for (const mode of fullMatrix ? rocketmqModes : []) {
    const cluster = `RocketMQ ${version}, ${mode}`;
    requires('java', 'maven').describe(cluster, () => {
      const checked: CheckedRun[] = [];
      let rocketmq: RunningRocketmq;
      let folder: string;

      beforeAll(async () => {
        folder = await mkdtemp(join(tmpdir(), 'plimsoll-matrix-'));
        rocketmq = await startRocketmq({ version, mode });
        // While its code is still being compiled, a broker rejects messages or leaves their outcome open (4.9.7 and 5.3.3). Half messages,
        // outcomes and delayed messages use separate code paths: a cluster of three nodes on two cores rejected them.
        const site = { folder, configPath: rocketmq.configPath };
        await driveAll({ 'before all': warmUp }, site);
        await driveAll(warmUpOfOptions, site);
      }, minutes(5));
      afterAll(async () => {
        await keepMatrixSection(cluster, `${command} -t "${cluster}"`, checked);
        await rocketmq[Symbol.asyncDispose]();
        await rm(folder, { recursive: true });
      });

      test.each([
        ['profile', profileWorkloads],
        ['option', rocketmqOptions(version, mode)],
      ])(
        'every %s is exact',
        async (_, workloads) => {
          const runs = await driveAll(workloads, { folder, configPath: rocketmq.configPath });
          const found = await checkRuns(runs, rocketmqOffsets(rocketmq));
          checked.push(...found);
          const faults = faultsOf(found);
          expect(faults, faults.join('; ')).toEqual([]);
        },
        minutes(15),
      );
    });
  }
}

// Do sent, acknowledged, consumed, ledger and RocketMQ's own offsets say exactly the same, whatever the workload and the release?

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rocketmqOffsets } from '../../support/tool-offsets.ts';
import { driveAll, findFaults } from '../../support/matrix-run.ts';
import {
  checkedTransactions,
  optionWorkloads,
  profileWorkloads,
  rocketmqClusters,
} from '../../support/matrix-workloads.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq, type RunningRocketmq } from '../../support/rocketmq.ts';

const minutes = (count: number) => count * 60_000;

if (fullMatrix) {
  for (const { version, mode } of rocketmqClusters) {
    requires('java', 'maven').describe(`RocketMQ ${version}, ${mode}`, () => {
      let rocketmq: RunningRocketmq;
      let folder: string;

      beforeAll(async () => {
        folder = await mkdtemp(join(tmpdir(), 'plimsoll-matrix-'));
        rocketmq = await startRocketmq({ version, mode });
      }, minutes(5));
      afterAll(async () => {
        await rocketmq[Symbol.asyncDispose]();
        await rm(folder, { recursive: true });
      });

      test.each([
        ['profile', profileWorkloads],
        ['option', { ...optionWorkloads('rocketmq', version), 'asked for': checkedTransactions }],
      ])(
        'every %s is exact',
        async (_, workloads) => {
          const runs = await driveAll(workloads, { folder, configPath: rocketmq.configPath });
          expect(await findFaults(runs, rocketmqOffsets(rocketmq))).toEqual([]);
        },
        minutes(15),
      );
    });
  }
}

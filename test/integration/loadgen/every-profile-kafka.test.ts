// Compares all counts of a run with Kafka's own offsets, for every profile and release.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKafka, type RunningKafka } from '../../support/kafka.ts';
import { kafkaTools } from '../../support/kafka-tools.ts';
import { kafkaOffsets } from '../../support/tool-offsets.ts';
import { keepMatrixSection } from '../../support/matrix-page.ts';
import { checkRuns, driveAll, faultsOf, type CheckedRun } from '../../support/matrix-run.ts';
import { kafkaClusters, kafkaOptions, profileWorkloads } from '../../support/matrix-workloads.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const command =
  'PLIMSOLL_TEST_FULL=1 npx vitest run --project integration test/integration/loadgen/every-profile-kafka.test.ts';
const minutes = (count: number) => count * 60_000;

if (fullMatrix) {
  for (const { version, brokers } of kafkaClusters) {
    const cluster = `Kafka ${version}, nodes: ${brokers}`;
    requires('java', 'maven').describe(cluster, () => {
      const checked: CheckedRun[] = [];
      let kafka: RunningKafka;
      let folder: string;

      beforeAll(async () => {
        folder = await mkdtemp(join(tmpdir(), 'plimsoll-matrix-'));
        kafka = await startKafka({ version, brokers });
      }, minutes(5));
      afterAll(async () => {
        await keepMatrixSection(cluster, `${command} -t "${cluster}"`, checked);
        await kafka[Symbol.asyncDispose]();
        await rm(folder, { recursive: true });
      });

      test.each([
        ['profile', profileWorkloads],
        ['option', kafkaOptions],
      ])(
        'counts of every %s are exact',
        async (_, workloads) => {
          await using tools = await kafkaTools(version, kafka.bootstrap.join(','));
          const readOffsets = kafkaOffsets(tools);
          const runs = await driveAll(workloads, { folder, configPath: kafka.configPath });
          const found = await checkRuns(runs, readOffsets);
          checked.push(...found);
          const faults = faultsOf(found);
          expect(faults, faults.join('; ')).toEqual([]);
        },
        minutes(15),
      );
    });
  }
}

// Checks that counts of a resumed run stay exact when its topic was deleted in between.

import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startKafka } from '../../support/kafka.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';
import { runCli, startCli } from '../../support/run-cli.ts';

const starts = { kafka: () => startKafka(), rocketmq: () => startRocketmq() };

if (fullMatrix) {
  requires('java', 'maven').describe('a run that was interrupted and resumed', () => {
    test.each(['kafka', 'rocketmq'] as const)(
      'counts exactly although %s re-created its topic',
      async (broker) => {
        const folder = await mkdtemp(join(tmpdir(), 'plimsoll-resumed-'));
        await using cluster = await starts[broker]();
        try {
          const directory = join(folder, 'bundle');
          const config = ['--config', cluster.configPath, '--json'];
          const load = '--rate-steps 200,300 --step-duration 4s --warm-up 1s --message-size 500'.split(' ');
          const { ended } = startCli(['run', ...config, '--out', directory, ...load]);
          const journal = join(directory, 'journal.ndjson');
          const isInSecondStep = () =>
            existsSync(journal) && readFileSync(journal, 'utf8').includes('"kind":"step-started","elapsedSeconds":5');
          await expect.poll(isInSecondStep, { timeout: 60_000, interval: 100 }).toBe(true);
          await runCli('stop', directory);
          expect((await ended).exitCode).toBe(6);

          const { exitCode, stdout } = await runCli('run', ...config, '--resume', directory);
          const { run, ledger } = JSON.parse(stdout) as { run: { status: string }; ledger: Ledger };
          expect([exitCode, run.status]).toEqual([0, 'completed']);
          expect(ledger).toMatchObject({
            unknownFate: 0,
            groups: [{ lost: 0, duplicated: 0, redelivered: 0, rewritten: 0, corrupted: 0 }],
            agreement: { agrees: true, notCompared: 0, grown: ledger.acknowledged },
          });
          const [{ received, unread } = { received: 0, unread: 0 }] = ledger.groups;
          expect(received + unread).toBe(ledger.acknowledged);
          expect(readFileSync(journal, 'utf8')).toContain('"inNewTopics":true');
        } finally {
          await rm(folder, { recursive: true });
        }
      },
      240_000,
    );
  });
}

interface Ledger {
  acknowledged: number;
  groups: { received: number; unread: number }[];
}

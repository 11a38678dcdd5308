import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { JournalLine } from '../../../core/documents/run-bundle.ts';

import { startKafka } from '../../support/kafka.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';
import { runCli, startCli } from '../../support/run-cli.ts';

const journalOf = (directory: string) =>
  readFileSync(join(directory, 'journal.ndjson'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JournalLine.parse(JSON.parse(line)));

interface Told {
  run: { status: string };
  steps: { targetTps?: number; lanes?: { open: number; byLittlesLaw: number } }[];
  ledger: {
    acknowledged: number;
    groups: { lost: number; unread: number; duplicated: number }[];
    agreement: { agrees: boolean };
  };
}
const clean = { lost: 0, unread: 0, duplicated: 0 };

/** Simulates a power failure: the last writes never reached the disk, while brokers and groups continued. */
function loseLastSecond(directory: string): void {
  const lines = journalOf(directory);
  const end = (lines.at(-1)?.elapsedSeconds ?? 0) - 1;
  const kept = lines.slice(
    0,
    lines.findIndex(({ elapsedSeconds }) => elapsedSeconds > end),
  );
  writeFileSync(join(directory, 'journal.ndjson'), kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

async function startKafkaForKafkajs() {
  const kafka = await startKafka();
  const config = readFileSync(kafka.configPath, 'utf8');
  const changed = config.replace(/^( *)broker: kafka$/m, '$&\n$1client: kafkajs');
  expect(changed).not.toBe(config);
  writeFileSync(kafka.configPath, changed);
  return kafka;
}

/** Each client that can read from a given offset. */
const clusters = {
  Kafka: () => startKafka(),
  ...(fullMatrix && {
    'Kafka, by kafkajs': () => startKafkaForKafkajs(),
    RocketMQ: () => startRocketmq(),
  }),
};

requires('java', 'maven').describe('a run whose generator was killed', () => {
  test.each(Object.entries(clusters))(
    'continues at its step on %s, and counts every message of both attempts',
    async (_, start) => {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-resumed-'));
      await using cluster = await start();
      try {
        const directory = join(folder, 'bundle');
        const config = ['--config', cluster.configPath, '--json'];
        const load = '--rate-steps 200,300,400 --step-duration 4s --warm-up 1s --message-size 500 --groups 2';
        const { child, ended } = startCli(['run', ...config, '--out', directory, ...load.split(' ')]);
        const isInStep = (step: number) =>
          existsSync(join(directory, 'journal.ndjson')) &&
          journalOf(directory).some((line) => line.kind === 'step-started' && line.step === step);
        while (!isInStep(1)) await delay(50);
        // The groups commit each second; wait until they have committed messages that the journal then lacks.
        await delay(2500);
        child.kill('SIGKILL');
        await ended;
        loseLastSecond(directory);
        const { exitCode, stdout } = await runCli('run', ...config, '--resume', directory);
        const { run, steps, ledger } = JSON.parse(stdout) as Told;
        expect([exitCode, run.status]).toEqual([0, 'completed']);
        expect(steps.map(({ targetTps }) => targetTps)).toEqual([200, 300, 400]);
        expect(ledger).toMatchObject({
          groups: [clean, clean],
          agreement: { agrees: true, notCompared: 0, disagreements: [] },
        });
        const started = journalOf(directory).flatMap((line) => (line.kind === 'step-started' ? [line.step] : []));
        expect(started).toEqual([0, 1, 1, 2]);
        const again = await runCli('run', ...config, '--resume', directory);
        expect([again.exitCode, JSON.parse(again.stdout)]).toMatchObject([2, { error: { code: 'run-complete' } }]);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    180_000,
  );
});

if (fullMatrix) {
  requires('java', 'maven').test(
    "a closed loop over two topics with keys satisfies Little's law, and a stopped group catches up",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-closed-loop-'));
      await using kafka = await startKafka();
      try {
        const workload = join(folder, 'workload.yaml');
        await writeFile(
          workload,
          [
            'messageSize: 500B',
            'topics: 2',
            'workers: 2',
            'warmUp: 1s',
            'keys: { kind: zipf, distinct: 1000 }',
            'groups: [{ members: 2 }, { stopped: [{ from: 1s, to: 3s }] }]',
            'profile: { kind: closed-loop, threads: [4, 16], stepDuration: 4s }',
          ].join('\n'),
        );
        const directory = join(folder, 'bundle');
        const words = ['run', workload, '--config', kafka.configPath, '--out', directory, '--json'];
        const { stdout } = await runCli(...words);
        const { steps, ledger } = JSON.parse(stdout) as Told;
        for (const { lanes } of steps) {
          expect(Math.abs((lanes?.byLittlesLaw ?? 0) / (lanes?.open ?? 1) - 1)).toBeLessThan(0.1);
        }
        expect(ledger).toMatchObject({
          groups: [clean, clean],
          agreement: { agrees: true, notCompared: 0, disagreements: [] },
        });
        expect(journalOf(directory).find(({ kind }) => kind === 'settled')).toMatchObject({
          drainedMessages: expect.any(Number),
        });
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    180_000,
  );
}

// Checks that `ab-test` sets both values on real brokers and restores the original.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openKafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { startKafka } from '../../support/kafka.ts';
import { liveNameOf } from '../../support/live-name.ts';
import { plimsoll } from '../../support/plimsoll.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const workload = `topic: plimsoll-worth
partitions: 2
messageSize: 200B
groups: 0
warmUp: 1s
profile:
  kind: steps
  rates: [200]
  stepDuration: 10s
`;
const patience = 1_200_000;

if (fullMatrix) {
  requires('java', 'maven').describe('ab-test on a Kafka broker', () => {
    test(
      'runs four turns, evaluates them, and restores the broker',
      async () => {
        await using kafka = await startKafka();
        const folder = await mkdtemp(join(tmpdir(), 'plimsoll-worth-'));
        try {
          const file = join(folder, 'workload.yaml');
          await writeFile(file, workload);
          const out = join(folder, 'turns');
          const asked = [
            '--config',
            kafka.configPath,
            '--workload',
            file,
            '--out',
            out,
            '--runs',
            '4',
            '--by',
            'throughput',
            '--state-dir',
            folder,
          ];
          const words = (question: string) => ['ab-test', question, ...asked, '--accept-blind', '--json'];
          const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
          await using changes = openKafkaChanges('lab', config);
          const io = { signal: AbortSignal.timeout(patience) };
          const now = async () =>
            (await changes.settingsOf({ kind: 'broker', name: '1' }, ['num.io.threads'], io)).get('num.io.threads');

          const unconfirmed = await plimsoll([...words('num.io.threads=3,4'), '--execute']);
          expect(unconfirmed.exitCode).toBe(2);
          const misspelled = await plimsoll([...words('num.io.thread=3,4'), '--execute']);
          expect(JSON.parse(misspelled.stdout)).toMatchObject({
            error: { code: 'usage', hint: 'did you mean num.io.threads?' },
          });
          const atStart = await plimsoll([
            ...words('queued.max.requests=100,500'),
            '--execute',
            '--confirm',
            liveNameOf(kafka),
          ]);
          expect(atStart.exitCode).toBe(5);
          expect(JSON.parse(atStart.stdout)).toMatchObject({ error: { code: 'unsupported-broker' } });
          await rm(out, { recursive: true, force: true });

          const { exitCode, stdout, stderr } = await plimsoll([
            ...words('num.io.threads=3,4'),
            '--execute',
            '--confirm',
            liveNameOf(kafka),
          ]);
          expect({ exitCode, failure: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, failure: '' });
          const document = JSON.parse(stdout) as {
            turns: { side: 'a' | 'b'; directory: string; tps: number }[];
            effect: { kind: string };
          };
          expect(document.effect.kind).toBe('measured');
          expect(document.turns).toHaveLength(4);
          expect(document.turns.every(({ tps }) => tps > 150)).toBe(true);
          const journals = await readdir(join(folder, 'changes'));
          expect(journals).toEqual(Array.from({ length: 2 }, () => expect.stringMatching(/--ab-test--.*\.over$/)));
          expect(await now()).toMatchObject({ value: '2', isOwn: false });
          const run = JSON.parse(
            await readFile(join(out, 'turn-1-a', 'run.json'), 'utf8').catch(() =>
              readFile(join(out, 'turn-1-b', 'run.json'), 'utf8'),
            ),
          ) as { preflight?: { counts: object } };
          expect(run.preflight?.counts).toBeDefined();

          const of = (side: 'a' | 'b') =>
            document.turns.flatMap((turn) => (turn.side === side ? [turn.directory] : [])).join(',');
          const bundles = ['--bundles', `3=${of('a')}`, `4=${of('b')}`];
          const judged = await plimsoll(['ab-test', 'num.io.threads=3,4', '--by', 'throughput', '--json', ...bundles]);
          expect(judged.exitCode).toBe(0);
          const again = JSON.parse(judged.stdout) as typeof document;
          expect([again.effect, again.turns.length]).toEqual([document.effect, 4]);
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      },
      patience,
    );
  });
}

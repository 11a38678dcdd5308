// Checks that the guard measures traffic of others, and stops the test when it fills a link.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bitsPerSecond } from '../../../core/units.ts';
import { configWith } from '../../support/config-with.ts';
import { startKafka } from '../../support/kafka.ts';
import { linesOf, startLoad } from '../../support/load-in-progress.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { runCli } from '../../support/run-cli.ts';

const mbit = 20;
const messageBytes = 1000;
const rate = 200;
const others = 300;
/** Together with the test's own messages, about 70 % of the link. */
const tooMany = 1400;
const allowed = 0.5;

interface Result {
  ledger: { acknowledged: number };
}

if (fullMatrix) {
  requires('java', 'maven', 'root', 'ip', 'tc', 'ethtool').test(
    'messages of others are counted exactly, and the test ends when they fill the link',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-guard-others-'));
      try {
        await using kafka = await startKafka({ nic: bitsPerSecond(mbit * 1e6) });
        const config = await configWith(kafka.configPath, join(folder, 'plimsoll.yaml'), ({ clusters }) => {
          clusters.lab.loadTest['maxNicShare'] = allowed;
        });
        const wordsOf = (name: string, ofConfig: string, tps: number, duration: string) => [
          ...`--config ${ofConfig} --out ${join(folder, name)} --json --message-size ${messageBytes}`.split(' '),
          ...`--rate-steps ${tps} --step-duration ${duration} --warm-up 1s --partitions 2`.split(' '),
        ];
        const run = startLoad(join(folder, 'run'), wordsOf('run', config, rate, '180s'));
        await run.untilSecond(6);

        const other = await runCli('run', ...wordsOf('other', kafka.configPath, others, '15s'), '--keep-topic');
        const sent = (JSON.parse(other.stdout) as Result).ledger.acknowledged;
        expect(sent).toBe(others * 16);
        const heard = () =>
          linesOf(run.journal(), 'background').reduce(
            (sum, line) => sum + line.messagesPerSecond * line.intervalSeconds,
            0,
          );
        await run.until('everything of the others was heard of', () => heard() > sent - 0.5);
        expect(heard()).toBeCloseTo(sent, 3);
        const most = Math.max(...linesOf(run.journal(), 'background').map((line) => line.messagesPerSecond));
        expect(most / others).toBeGreaterThan(0.9);
        expect(most / others).toBeLessThan(1.3);

        const flood = startLoad(join(folder, 'flood'), wordsOf('flood', kafka.configPath, tooMany, '60s'));
        const { exitCode, stdout } = await run.ended;
        flood.child.kill('SIGINT');
        await flood.ended;
        expect([exitCode, JSON.parse(stdout)]).toMatchObject([6, { error: { code: 'load-stopped' } }]);
        const journal = run.journal();
        const [breach] = linesOf(journal, 'guard');
        expect(breach).toMatchObject({ input: 'maxNicShare of broker-1', limit: allowed, ends: 'run' });
        expect(breach?.value).toBeGreaterThan(allowed);
        const at = breach?.elapsedSeconds ?? 0;
        const own = linesOf(journal, 'produced');
        expect(own.reduce((sum, line) => sum + line.sent, 0) / rate).toBeLessThan(at + 1);
        // Lines about other traffic exclude messages of the test.
        const result = JSON.parse(await readFile(join(run.directory, 'result.json'), 'utf8')) as {
          steps: { achievedTps: number; backgroundTps: number }[];
        };
        expect(result.steps[0]?.achievedTps).toBeLessThan(rate * 1.05);
        expect(result.steps[0]?.backgroundTps).toBeGreaterThan(sent / at);

        const analysis = await runCli('analyze', run.directory, '--json');
        const { findings } = JSON.parse(analysis.stdout) as { findings: { code: string }[] };
        expect(findings.map(({ code }) => code)).toContain('background-traffic');
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    400_000,
  );
}

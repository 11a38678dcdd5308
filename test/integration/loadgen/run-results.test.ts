// Compares page, thresholds, exports and comparison of one run on a real broker.

import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readControlFile } from '../../../loadgen/execute/control/control-file.ts';
import { parseExposition } from '../../support/exposition.ts';
import { startKafka } from '../../support/kafka.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { runCli, startCli } from '../../support/run-cli.ts';

const workload = `
name: results
messageSize: 500B
topics: 2
groups: 1
warmUp: 1s
thresholds: { errors: 0, lost: 0, duplicated: 0, p50: 30s, acknowledged: 700 }
profile: { kind: steps, rates: [500, 1000], stepDuration: 10s }
`;

/** Sum of a metric family over its series. */
function total(page: string, family: string): number {
  const { samples } = parseExposition(page);
  return [...samples]
    .filter(([key]) => key === family || key.startsWith(`${family}{`))
    .reduce((sum, [, value]) => sum + Number(value), 0);
}

async function pageOf(directory: string): Promise<string> {
  for (;;) {
    await delay(200);
    const control = await readControlFile(directory);
    if (control === undefined) continue;
    const page = await (await fetch(`${control.url}/metrics`)).text();
    if (total(page, 'plimsoll_run_consumed_messages_total') > 0) return page;
  }
}

if (fullMatrix) {
  requires('java', 'maven', 'promtool').describe('a run on a real broker', () => {
    test('has the same values in every output', { timeout: 180_000 }, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-results-'));
      await using kafka = await startKafka();
      const file = join(folder, 'workload.yaml');
      await writeFile(file, workload);
      const directory = join(folder, 'run');
      const words = [
        'run',
        file,
        '--config',
        kafka.configPath,
        '--out',
        directory,
        '--accept-blind',
        '--no-calibration',
      ];
      const run = startCli([...words, '--json']);
      const page = await pageOf(directory);
      const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
      expect(`${stdout}${stderr}`).toBe('');
      expect(total(page, 'plimsoll_run_latency_seconds_count')).toBe(
        total(page, 'plimsoll_run_acknowledged_messages_total'),
      );

      const ended = await run.ended;
      expect(ended.exitCode).toBe(6);
      expect(ended.stderr).toMatch(/^threshold acknowledged CROSSED in step 1: \d+ msg\/s, at least 700 msg\/s$/m);
      const result = JSON.parse(ended.stdout) as { thresholds: { checks: { outcome: string }[] } };
      expect(result.thresholds.checks.filter(({ outcome }) => outcome !== 'kept')).toHaveLength(1);

      const all = 500 * 11 + 1000 * 10;
      const csv = join(folder, 'run.csv');
      expect((await runCli('export', directory, '--format', 'csv', '--out', csv)).exitCode).toBe(0);
      const [head = '', ...rows] = (await readFile(csv, 'utf8')).trimEnd().split('\r\n');
      const column = (name: string) => head.split(',').indexOf(name);
      const sum = (scope: string, name: string) =>
        rows
          .map((row) => row.split(','))
          .filter((cells) => cells[column('scope')] === scope)
          .reduce((count, cells) => count + Number(cells[column(name)]), 0);
      expect(sum('producer', 'acknowledged_messages')).toBe(all);
      expect(sum('topic', 'acknowledged_messages')).toBe(all);
      expect(sum('consumer', 'consumed_messages')).toBe(all);

      const steps = join(folder, 'steps');
      await runCli('export', directory, '--format', 'omb', '--out', `${steps}/`);
      const names = await readdir(steps);
      expect(names).toHaveLength(2);
      const documents = await Promise.all(
        names.map(async (name) => JSON.parse(await readFile(join(steps, name), 'utf8')) as { publishRate: number[] }),
      );
      expect(documents.map(({ publishRate }) => publishRate.length)).toEqual([1, 1]);

      const compared = await runCli('compare', directory, directory, '--window', '1s', '--fail-if-worse', '1%');
      expect([compared.exitCode, compared.stdout.match(/no difference seen/g)?.length]).toEqual([0, 8]);
      await rm(folder, { recursive: true });
    });
  });
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { producerPerfLog } from '../support/load-test-files.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { runCli } from '../support/run-cli.ts';

const noon = 1_763_640_000;
const rates = [2000, 4000, 6000, 8000, 10_000];
const stepSeconds = 200;
const bytesIn = 1100;

/** Counters of one host every 5 s: its NIC receives 1,100 B a message; one of 16 cores is busy per 10,000 messages/s. */
function history(): string {
  const families = new Map<string, string[]>();
  const add = (name: string, labels: string, value: number, at: number) =>
    families.set(name, [
      ...(families.get(name) ?? []),
      `${name}{instance="mq-1:9100",job="node"${labels}} ${value} ${at}`,
    ]);
  let messages = 0;
  for (let at = noon - 60; at <= noon + rates.length * stepSeconds; at += 5) {
    const rate = at < noon ? 0 : (rates[Math.floor((at - noon) / stepSeconds)] ?? 0);
    for (let cpu = 0; cpu < 16; cpu += 1) {
      const busy = cpu === 0 ? messages / 10_000 : 0;
      add('node_cpu_seconds_total', `,cpu="${cpu}",mode="user"`, busy, at);
      add('node_cpu_seconds_total', `,cpu="${cpu}",mode="idle"`, at - noon + 60 - busy, at);
    }
    add('node_network_receive_bytes_total', ',device="eth0"', messages * bytesIn, at);
    add('node_network_transmit_bytes_total', ',device="eth0"', messages * 300, at);
    add('node_network_receive_packets_total', ',device="eth0"', messages / 10, at);
    add('node_network_transmit_packets_total', ',device="eth0"', messages / 10, at);
    messages += rate * 5;
  }
  return [
    ...[...families].flatMap(([name, lines]) => [`# TYPE ${name.replace(/_total$/, '')} counter`, ...lines]),
    '# EOF',
    '',
  ].join('\n');
}

if (fullMatrix) {
  requires('prometheus', 'promtool').describe('load test files with metrics from a real Prometheus', () => {
    test('name the limiting link, using metrics from the time of the load', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-beside-'));
      await using prometheus = await startPrometheus({ job: 'none', scrapes: [], history: history() });
      await prometheus.untilAnswered('vector(1)');
      const starts: string[] = [];
      for (const [index, rate] of rates.entries()) {
        await writeFile(join(folder, `p-${rate}.log`), producerPerfLog({ rate, windows: stepSeconds / 5 - 2 }));
        starts.push('--start', `p-${rate}.log=${new Date((noon + index * stepSeconds) * 1000).toISOString()}`);
      }
      const files = rates.map((rate) => join(folder, `p-${rate}.log`));
      const { exitCode, stdout, stderr } = await runCli(
        'analyze',
        ...files,
        ...starts,
        '--prometheus',
        prometheus.url,
        '--nic',
        '120mbit',
        '--json',
      );
      await rm(folder, { recursive: true });
      expect(stderr).toBe('');
      expect(exitCode).toBe(0);
      const { safeMaxTps, run, steps } = JSON.parse(stdout);
      expect(steps.map(({ verdict }: { verdict: { kind: string } }) => verdict.kind)).toEqual(
        rates.map(() => 'sustained'),
      );
      expect(run.sources.at(-1)).toMatchObject({ format: 'prometheus' });
      expect(safeMaxTps.limitedBy).toMatchObject({ resource: 'network-in' });
      // 80 % of 15 MB/s over 1,100 B and a tenth of a frame's 24 B a message.
      expect(safeMaxTps.estimateTps / ((0.8 * 1.5e7) / (bytesIn + 2.4))).toBeGreaterThan(0.95);
      expect(safeMaxTps.estimateTps / ((0.8 * 1.5e7) / (bytesIn + 2.4))).toBeLessThan(1.02);
    });
  });
}

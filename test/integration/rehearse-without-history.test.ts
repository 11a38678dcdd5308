// Queries a real Prometheus for a promotion without stored data.

import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { requires } from '../support/prerequisites.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { runCli } from '../support/run-cli.ts';

requires('prometheus').test(
  'a promotion without history is refused with one message, and nothing is started',
  async () => {
    await using prometheus = await startPrometheus({ job: 'none', scrapes: [] });
    await prometheus.untilAnswered('vector(1)');
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-no-history-'));
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => rm(folder, { recursive: true, force: true }));
    const config = join(folder, 'plimsoll.yaml');
    await writeFile(
      config,
      stringify({
        clusters: { orders: { broker: 'kafka', bootstrap: ['127.0.0.1:1'] } },
        service: {
          promotions: [
            { name: 'Sale 2025', from: '2025-11-10T20:00', to: '2025-11-11T20:00' },
            { name: 'First 2100', from: '2100-11-10T20:00', to: '2100-11-11T20:00' },
          ],
        },
      }),
    );
    const rehearse = (promotion: string) => {
      const out = ['--out', join(folder, 'bundle'), '--save-history', join(folder, 'history.json'), '--execute'];
      return runCli(
        'rehearse',
        '--promotion',
        promotion,
        '--config',
        config,
        '--prometheus',
        prometheus.url,
        '--message-size',
        '1KiB',
        ...out,
      );
    };

    const [unknown, first] = await Promise.all([rehearse('Sale 2025'), rehearse('First 2100')]);
    expect(unknown, unknown.stderr).toMatchObject({ exitCode: 5, stdout: '' });
    expect(unknown.stderr).toMatch(
      /has no kafka_topic_partition_current_offset of cluster orders from 2025-11-10T20:00/,
    );
    expect(unknown.stderr).toMatch(/there is no traffic of Sale 2025 to replay; nothing was sent/);
    expect(first, first.stderr).toMatchObject({ exitCode: 5, stdout: '' });
    expect(first.stderr).toMatch(/has no earlier one of this name: there is no traffic to replay/);
    expect(existsSync(join(folder, 'bundle'))).toBe(false);
    expect(existsSync(join(folder, 'history.json'))).toBe(false);
  },
);

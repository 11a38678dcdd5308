// Plans a redline of a real Kafka under live traffic, and refuses what its owner or the cluster does not allow.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { RedlineDocument } from '../../core/documents/redline.ts';
import { requires } from '../support/prerequisites.ts';
import { startRedlineLab } from '../support/redline-lab.ts';

requires('root', 'ip', 'tc', 'ethtool', 'java', 'maven').test(
  'a plan names the partitions of each step and what would end it, and changes nothing',
  async () => {
    await using lab = await startRedlineLab({ megabits: 50, analyzer: { policy: { cpu: '100%', disk: '100%' } } });
    await lab.createTopic('orders', 12);
    await using producer = lab.produce('orders', { rate: 200, messages: 60_000, bytes: 1000 });
    await lab.until(producer, / records sent, /);
    const before = await lab.layoutOf('orders');
    const words = ['--broker', '1', '--sample', '2s', '--hold', '10s', '--step', '25%'];

    const forbidden = join(lab.folder, 'forbidden.yaml');
    const allowed = await readFile(lab.config, 'utf8');
    expect(allowed).toContain('redline: allowed');
    await writeFile(forbidden, allowed.replace('redline: allowed', 'redline: forbidden'));
    const execute = ['--execute', '--confirm', lab.confirm, '--out', join(lab.folder, 'bundle')];
    const [planned, narrow, refused] = await Promise.all([
      lab.redline(...words, '--json').ended,
      lab.redline(...words, '--max-moves', '4', ...execute).ended,
      lab.start('redline', '--config', forbidden, ...words, ...execute).ended,
    ]);
    expect(planned, planned.stderr).toMatchObject({ exitCode: 0 });
    const { plan, status } = RedlineDocument.parse(JSON.parse(planned.stdout));
    expect(status).toBe('planned');
    expect(plan?.movablePartitions).toBe(8);
    expect(plan?.clusterTps).toBeGreaterThan(100);
    expect(plan?.ledTps['1'] ?? 0).toBeGreaterThan(0.2 * (plan?.clusterTps ?? 0));
    expect(plan?.steps[1]?.partitions[0]).toMatch(/^orders-\d+$/);
    expect(plan?.steps[0]?.uses.map(({ resource }) => resource)).toContain('network-out');

    expect(narrow).toMatchObject({ exitCode: 5, stdout: '' });
    expect(narrow.stderr).toMatch(/--max-moves 4 allows 2 steps, and a maximum needs 3/);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toMatch(/cluster lab does not allow a redline: it moves leaders of live topics/);
    expect(await lab.layoutOf('orders')).toEqual(before);
  },
  180_000,
);

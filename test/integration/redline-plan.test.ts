// Plans a redline of a real Kafka under live traffic, and refuses plans that its owner or the cluster forbids.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse, stringify } from 'yaml';
import { RedlineDocument } from '../../core/documents/redline.ts';
import { requires } from '../support/prerequisites.ts';
import { startRedlineLab } from '../support/redline-lab.ts';

requires('root', 'ip', 'tc', 'ethtool', 'java', 'maven').test(
  'a plan lists the partitions of each step and what would end it, and changes nothing',
  async () => {
    await using lab = await startRedlineLab({ megabits: 50, analyzer: { policy: { cpu: '100%', disk: '100%' } } });
    await lab.createTopic('orders', 12);
    await using producer = lab.produce('orders', { rate: 60, messages: 20_000, bytes: 1000 });
    await lab.until(producer, / records sent, /);
    const before = await lab.layoutOf('orders');
    const words = ['--broker', '1', '--sample', '2s', '--hold', '10s', '--step', '25%'];

    const forbidden = join(lab.folder, 'forbidden.yaml');
    const allowed = await readFile(lab.config, 'utf8');
    expect(allowed).toContain('redline: allowed');
    await writeFile(forbidden, allowed.replace('redline: allowed', 'redline: forbidden'));
    // Hosts of the brokers are found by address.
    const byAddress = join(lab.folder, 'by-address.yaml');
    const { clusters, hosts, ...rest } = parse(allowed) as {
      clusters: { lab: { brokers: Record<string, { host: string }> } };
      hosts: Record<string, object>;
    };
    const addressed = lab.kafka.brokers.map(({ id, address }) => {
      const { host = '' } = clusters.lab.brokers[id] ?? {};
      return [host, { ...hosts[host], addresses: [address.split(':')[0]] }] as const;
    });
    const { brokers: _stated, ...unstated } = clusters.lab;
    await writeFile(
      byAddress,
      stringify({ ...rest, clusters: { lab: unstated }, hosts: { ...hosts, ...Object.fromEntries(addressed) } }),
    );
    const execute = ['--execute', '--confirm', lab.confirm, '--out', join(lab.folder, 'bundle')];
    const [planned, found, narrow, refused] = await Promise.all([
      lab.redline(...words, '--json').ended,
      lab.start('redline', '--config', byAddress, '--state-dir', join(lab.folder, 'state'), ...words, '--json').ended,
      lab.redline(...words, '--max-moves', '4', ...execute).ended,
      lab.start('redline', '--config', forbidden, ...words, ...execute).ended,
    ]);
    expect(planned, planned.stderr).toMatchObject({ exitCode: 0 });
    const { plan, status } = RedlineDocument.parse(JSON.parse(planned.stdout));
    expect(status).toBe('planned');
    expect(plan?.movablePartitions).toBe(8);
    expect(plan?.clusterTps).toBeGreaterThan(30);
    expect(plan?.ledTps['1'] ?? 0).toBeGreaterThan(0.2 * (plan?.clusterTps ?? 0));
    expect(plan?.steps[1]?.partitions[0]).toMatch(/^orders-\d+$/);
    expect(plan?.steps[0]?.uses.map(({ resource }) => resource)).toContain('network-out');

    expect(found, found.stderr).toMatchObject({ exitCode: 0 });
    const { plan: same, problems = [] } = RedlineDocument.parse(JSON.parse(found.stdout));
    expect(same?.steps[0]?.uses.map(({ resource }) => resource)).toContain('network-out');
    expect(problems.join()).not.toContain('has no metrics');

    expect(narrow).toMatchObject({ exitCode: 5, stdout: '' });
    expect(narrow.stderr).toMatch(/--max-moves 4 \(there and back\) allows 2 steps; 3 are needed/);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toMatch(/cluster lab does not allow a redline: it moves leaders of live topics/);
    expect(await lab.layoutOf('orders')).toEqual(before);
  },
  180_000,
);

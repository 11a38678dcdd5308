import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderSite } from '../../../../app/instances/render-site.ts';
import { ClusterConfig } from '../../../../brokers/config.ts';

const machines = ['worker1', 'worker2', 'worker3'];
const distribution = (name: string) => ({ archive: `${name}.tar.gz`, sha512: 'a'.repeat(128) });

async function rendered(product: string, layout: object) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-site-'));
  const path = join(folder.path, 'site.yaml');
  const site = {
    schemaVersion: 1,
    distributions: { [product]: distribution(product) },
    versions: { [product]: product },
    supervisor: { kind: 'systemd' },
    java: '/usr/lib/jvm/java-17-openjdk-amd64',
    memory: '1GiB',
    folders: { programs: '/opt', settings: '/etc/brokers', data: '/data', logs: '/var/log/brokers' },
    machines: Object.fromEntries(machines.map((name, index) => [name, { address: `192.0.2.${index + 1}` }])),
    clusters: { orders: layout },
  };
  writeFileSync(path, JSON.stringify(site));
  return (await renderSite(path, { signal: AbortSignal.timeout(10_000) })).files;
}

async function brokersOf(product: string, layout: object): Promise<Record<string, unknown>> {
  const files = await rendered(product, layout);
  const text = files.find((file) => file.path === 'clusters.yaml')?.text ?? '';
  const { clusters } = parse(text) as { clusters: { orders: unknown } };
  return ClusterConfig.parse(clusters.orders).brokers;
}

test('plimsoll.yaml gets the host of each broker, so that a load test monitors it', async () => {
  expect(await brokersOf('kafka', { broker: 'kafka', controllers: machines.slice(0, 1), brokers: machines })).toEqual({
    101: { host: 'worker1' },
    102: { host: 'worker2' },
    103: { host: 'worker3' },
  });
});

test.each([
  ['kafka', { broker: 'kafka', controllers: ['worker1'], brokers: ['worker1'] }, 'num.io.threads', 'server.properties'],
  [
    'rocketmq',
    { broker: 'rocketmq', mode: 'single', nameServers: ['worker1'], groups: { 'broker-a': ['worker1'] } },
    'sendMessageThreadPoolNums',
    'broker.conf',
  ],
])('settings of site.yaml take the place of rendered ones: %s', async (product, layout, key, file) => {
  const settings = { [key]: 3, 'own.setting': 'a=b' };
  const files = await rendered(product, { ...layout, settings });
  const text = files.find(({ path }) => path.endsWith(file) && path.includes('broker'))?.text ?? '';
  expect(text.split('\n').filter((line) => line.startsWith(key))).toEqual([`${key}=3`]);
  expect(text).toContain('own.setting=a=b');
  const identity = rendered(product, { ...layout, settings: { brokerName: 'x' } });
  await expect(identity).rejects.toThrow('brokerName follows from the layout');
});

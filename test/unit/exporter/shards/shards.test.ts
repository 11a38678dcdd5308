import { expect, test } from 'vitest';
import { ConfigFile } from '../../../../app/config/config-file.ts';
import { clusterOn, hostsWithoutCluster } from '../../../../app/exporter/host-clusters.ts';
import { createLogger } from '../../../../core/log.ts';
import { ShardsConfig } from '../../../../exporter/shards/config.ts';
import { openShards, shardFolder } from '../../../../exporter/shards/shards.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';

const open = (listen: string, own: string) => {
  const members = { 'exporter-0': own, 'exporter-1': 'http://exporter-1:18760' };
  const log = createLogger('warn', { write: () => {} });
  return openShards(ShardsConfig.parse({ members }), 'exporter-0', { listen, clock: createSteppedClock(), log });
};

test.each([
  ['127.0.0.1:18760', 'http://exporter-0:18760'],
  [':18760', 'http://10.0.0.1:18760'],
  ['[::1]:80', 'http://exporter-0'],
])('listening on %s is refused, because other members cannot reach it at %s', (listen, own) => {
  expect(() => open(listen, own)).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: expect.stringContaining(`exporter-0 would listen on ${listen}`),
      hint: expect.stringMatching(/^give --listen 0\.0\.0\.0:\d+, or set exporter\.listen/),
    }),
  );
});

test.each([
  ['every address', '0.0.0.0:18760', 'http://exporter-0:18760'],
  ['the loopback for members on the same machine', ':18760', 'http://localhost:18760'],
  ['the loopback behind a proxy at another port', '127.0.0.1:18760', 'http://exporter-0'],
  ['the loopback behind a proxy with TLS', '127.0.0.1:18760', 'https://exporter-0:18760'],
])('a member may listen on %s', async (_, listen, own) => {
  await using shards = open(listen, own);
  expect(shards.owns('any cluster')).toBe(false);
});

test('members on one machine have separate state folders below that of a single exporter', () => {
  const names = [undefined, 'exporter-0', 'exporter-1', 'lag', '..', '.', 'a/../../b'];
  const folders = names.map((name) => shardFolder('/state/exporter', name));
  expect(folders).toEqual([
    '/state/exporter',
    '/state/exporter/shards/exporter-0',
    '/state/exporter/shards/exporter-1',
    '/state/exporter/shards/lag',
    '/state/exporter/shards/%2E%2E',
    '/state/exporter/shards/%2E',
    '/state/exporter/shards/a%2F%2E%2E%2F%2E%2E%2Fb',
  ]);
});

const members = { 'exporter-0': 'http://exporter-0:18760', 'exporter-1': 'http://exporter-1:18760' };
const kafka = (brokers: object) => ({ broker: 'kafka', bootstrap: ['10.0.0.1:9092'], brokers });
const sharded = (clusters: object) =>
  ConfigFile.parse({
    clusters,
    hosts: { 'k-1': { probe: 'local' }, 'k-2': { probe: 'local' }, generator: { probe: 'local' } },
    loadgen: { host: 'generator' },
    exporter: { shards: { members } },
  });

test('a host belongs to the only cluster, whose brokers are matched to it by address', () => {
  const config = sharded({ orders: kafka({}) });
  expect([clusterOn('k-1', config), hostsWithoutCluster(config)]).toEqual(['orders', []]);
});

test('with several clusters a host belongs to the one that names it, and other hosts are listed', () => {
  const config = sharded({ orders: kafka({}), trade: kafka({ '1': { host: 'k-1' } }) });
  expect([clusterOn('k-1', config), clusterOn('k-2', config)]).toEqual(['trade', undefined]);
  expect(hostsWithoutCluster(config)).toEqual([
    { path: 'hosts.k-2', message: expect.stringContaining('clusters.<name>.brokers') as string },
  ]);
  expect(hostsWithoutCluster({ ...config, exporter: ConfigFile.parse({}).exporter })).toEqual([]);
});

import { expect, test } from 'vitest';
import { readBrokerLimits } from '../../../../app/load-test/broker-settings.ts';
import { watchedStores } from '../../../../app/load-test/watched-stores.ts';
import { AppError } from '../../../../core/errors.ts';
import type { ClusterLookup } from '../../../../brokers/lookup.ts';
import { ClusterConfig } from '../../../../brokers/config.ts';
import { driverOf } from '../../../../brokers/registry.ts';
import type { HostProbe } from '../../../../hosts/probe.ts';
import { startFakeCluster } from '../../../support/fake-name-server.ts';

const probe = {} as HostProbe;

/** Settings as the brokers report them: broker 2 does not answer, and broker 3 has no folder. */
const lookup = {
  settings: async () => ({
    processes: [
      { of: 'broker', id: '1', values: new Map([['log.dirs', '/data/a,/data/b']]) },
      { of: 'broker', id: '3', values: new Map([['num.io.threads', '8']]) },
      { of: 'broker', id: '4', values: new Map([['log.dirs', '/data/a']]) },
    ],
    differences: [],
    notices: ['cannot read the settings of broker 2: needs DescribeConfigs on the cluster'],
    unread: new Map([
      [
        '2',
        new AppError('broker-refused', 'cannot read the settings of broker 2: needs DescribeConfigs on the cluster'),
      ],
    ]),
  }),
} as unknown as ClusterLookup;

test('monitors each broker at all its storage folders, or states why it cannot', async () => {
  const limits = await readBrokerLimits(lookup, [], { signal: new AbortController().signal });
  const seen = [
    { broker: '1', host: 'mq-1' },
    { broker: '2', host: 'mq-2' },
    { broker: '3', host: 'mq-3' },
    { broker: '4' },
  ];
  const probes = new Map(['mq-1', 'mq-2', 'mq-3'].map((host) => [host, probe]));
  const { stores, unwatched } = watchedStores(seen, limits, probes);
  expect(stores.map(({ broker, paths }) => [broker, paths])).toEqual([
    ['1', ['/data/a']],
    ['1', ['/data/b']],
  ]);
  expect(unwatched).toEqual([
    { broker: '2', reason: 'cannot read the settings of broker 2: needs DescribeConfigs on the cluster' },
    { broker: '3', reason: 'its settings name no storage folder' },
    { broker: '4', reason: 'its host is unknown' },
  ]);
});

test('does not monitor a broker in a container at the disk with the same path on the host', async () => {
  const limits = await readBrokerLimits(lookup, [], { signal: new AbortController().signal });
  const seen = [{ broker: '1', host: 'mq-1', isContained: true }];
  expect(watchedStores(seen, limits, new Map([['mq-1', probe]]))).toEqual({
    stores: [],
    unwatched: [
      {
        broker: '1',
        reason:
          'it runs in a container or reports a disk of another size or with other free space, so the mounts of its host do not show its storage folder',
      },
    ],
  });
});

test('states why a broker refused to show its settings', async () => {
  await using cluster = await startFakeCluster('DefaultCluster', { refusesLogins: true });
  const config = ClusterConfig.parse({ broker: 'rocketmq', namesrv: [cluster.namesrv] });
  const io = { signal: new AbortController().signal };
  await using settings = await driverOf(config).lookUp('trade', config, io);
  const seen = [{ broker: 'broker-a:0', host: 'mq-1' }];
  expect(watchedStores(seen, await readBrokerLimits(settings, [], io), new Map([['mq-1', probe]]))).toMatchObject({
    unwatched: [{ broker: 'broker-a:0', reason: expect.stringContaining('check signature failed') as string }],
  });
});

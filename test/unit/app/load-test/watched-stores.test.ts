import { expect, test } from 'vitest';
import { readBrokerLimits } from '../../../../app/load-test/broker-settings.ts';
import { watchedStores } from '../../../../app/load-test/watched-stores.ts';
import type { ClusterLookup } from '../../../../brokers/lookup.ts';
import type { HostProbe } from '../../../../hosts/probe.ts';

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
    notices: ['broker 2 did not answer'],
  }),
} as unknown as ClusterLookup;

test('monitors each broker at all its storage folders, or states why it cannot', async () => {
  const limits = await readBrokerLimits(lookup, { signal: new AbortController().signal });
  const seen = [
    { broker: '1', host: 'mq-1' },
    { broker: '2', host: 'mq-2' },
    { broker: '3', host: 'mq-3' },
    { broker: '4' },
  ];
  const probes = new Map(['mq-1', 'mq-2', 'mq-3'].map((host) => [host, probe]));
  const { stores, unwatched } = watchedStores(seen, limits, probes);
  expect(stores.map(({ broker, path }) => [broker, path])).toEqual([
    ['1', '/data/a'],
    ['1', '/data/b'],
  ]);
  expect(unwatched).toEqual([
    { broker: '2', reason: 'its settings could not be read' },
    { broker: '3', reason: 'its settings name no storage folder' },
    { broker: '4', reason: 'its host is unknown' },
  ]);
});

test('does not monitor a broker in a container at the disk with the same path on the host', async () => {
  const limits = await readBrokerLimits(lookup, { signal: new AbortController().signal });
  const seen = [{ broker: '1', host: 'mq-1', isContained: true }];
  expect(watchedStores(seen, limits, new Map([['mq-1', probe]]))).toEqual({
    stores: [],
    unwatched: [
      { broker: '1', reason: 'it runs in a container, so the mounts of its host do not show its storage folder' },
    ],
  });
});

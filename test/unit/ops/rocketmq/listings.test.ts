import { expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { findingsOfAllServers } from '../../../../ops/rocketmq/listings.ts';
import { brokerOf, pair, plan } from '../../../support/queue-change.ts';

const io = { signal: new AbortController().signal };

/** A name server lists a broker under whatever name the broker knows the name server. */
const listed = ['a', 'b'].map((name) => ({
  brokerName: `broker-${name}`,
  cluster: 'lab',
  addresses: new Map([[0, `${name}:1`]]),
}));

test.each([
  { namesrvAddr: 'ns1:9876;ns2:9876', codes: ['name-server-not-configured'] },
  { namesrvAddr: 'ns1:9876', codes: [] },
  // The same name server under another name.
  { namesrvAddr: '10.0.0.5:9876', codes: [] },
])(
  'checks brokers that register with $namesrvAddr against a config that lists ns1:9876',
  async ({ namesrvAddr, codes }) => {
    const cluster = pair();
    for (const { settings } of cluster.brokers.values()) settings.set('namesrvAddr', namesrvAddr);
    const listings = [{ server: 'ns1:9876', brokers: listed }];
    expect((await findingsOfAllServers(cluster.desk, listings, io)).map(({ code }) => code)).toEqual(codes);
  },
);

test('the plan of a change names a name server that the config does not list', async () => {
  const cluster = pair();
  brokerOf(cluster).settings.set('namesrvAddr', 'ns1:9876;ns2:9876');
  expect((await plan(cluster)).findings.map(({ message }) => message)).toEqual([
    'brokers also register with ns2:9876, which clusters.lab.namesrv does not list: its routes and order configurations are neither checked nor changed, and operators who use it do not see the lease; add it',
  ]);
});

test('a broker that does not report its settings does not block the plan', async () => {
  const cluster = pair();
  cluster.fault = (question) => {
    if (question === 'settings a:1') throw new AppError('broker-unreachable', 'cannot reach a:1: timeout');
  };
  expect(await findingsOfAllServers(cluster.desk, await cluster.desk.listings(io), io)).toEqual([]);
});

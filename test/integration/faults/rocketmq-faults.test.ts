// Checks which series stay and which disappear during faults of a real RocketMQ.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeDeleteRoute } from '../../../brokers/rocketmq/protocol/topic-requests.ts';
import { createRemotingClient } from '../../../brokers/rocketmq/protocol/remoting-client.ts';
import { systemClock } from '../../../core/clock.ts';
import { waitUntilRegistered } from '../../../lab/rocketmq/rocketmq-lab.ts';
import { fillTopic } from '../../../lab/seed/fill-topic.ts';
import { openRocketmq } from '../../../lab/seed/rocketmq-cluster.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startRocketmq, type RunningRocketmq } from '../../support/rocketmq.ts';
import { createShiftingClock } from '../../support/shifting-clock.ts';
import {
  gone,
  isFresh,
  partsThatAre,
  seriesIn,
  type ScrapedPage,
  type WatchedPage,
} from '../../support/watched-page.ts';
import { pidOf, watchRocketmq } from '../../support/watched-rocketmq.ts';

const topic = 'orders';
const group = 'billing';
/** On an idle machine the first collection suffices; on a busy one, a broker may miss its deadline. */
const soon = 20;

const of = (metric: string, labels: Record<string, string> = {}) =>
  `${metric}{${Object.entries({ cluster: 'lab', ...labels })
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`;
const brokerUp = (broker: string) => of('rocketmq_broker_up', { broker });
const ends = (page: ScrapedPage) =>
  [...seriesIn(page)].filter((key) => key.startsWith('rocketmq_queue_end_offset') && key.includes(`topic="${topic}"`));
const clients = (page: ScrapedPage) =>
  [...seriesIn(page)].filter((key) => key.startsWith('rocketmq_consumergroup_clients{'));
const lags = ({ samples }: ScrapedPage) =>
  Object.fromEntries(
    ['0', '1'].map((queue) => [
      queue,
      samples.get(
        of('rocketmq_consumergroup_lag_messages', { broker: 'broker-a', consumergroup: group, queue, topic }),
      ),
    ]),
  );
const io = () => ({ signal: AbortSignal.timeout(120_000) });

requires('java', 'maven').describe('the page of a RocketMQ of one master, one slave and two name servers', () => {
  const clock = createShiftingClock();
  let lab: RunningRocketmq;
  let page: WatchedPage;
  let before: ScrapedPage;
  let nameServers: number[];

  beforeAll(async () => {
    lab = await startRocketmq({
      mode: 'master-slave',
      nameServers: 2,
      // The minimum: time until a restarted name server knows the brokers again.
      properties: { registerNameServerPeriod: '10000' },
    });
    nameServers = ['nameserver-1', 'nameserver-2'].map((name) => pidOf(lab, name));
    await fill(lab);
    page = await watchRocketmq(lab, clock);
    before = await well();
  }, 240_000);
  afterAll(async () => {
    await page?.[Symbol.asyncDispose]();
    await lab?.[Symbol.asyncDispose]();
  });

  async function well(): Promise<ScrapedPage> {
    const pages = await page.scrapeUntil(
      'all is well',
      10 * soon,
      (each) =>
        isFresh(each) &&
        ends(each).length === 2 &&
        each.samples.get(of('rocketmq_brokers')) === '2' &&
        clients(each).length > 0,
    );
    return pages.at(-1) as ScrapedPage;
  }

  const first = () => lab.namesrv[0] ?? '';
  const nameServerUp = (address: string) => of('rocketmq_name_server_up', { name_server: address });
  const disagreement = (about: string, subject: string) => of('rocketmq_disagreement', { of: about, subject });

  if (fullMatrix) {
    test('name servers with different routes', async () => {
      expect(before.samples.get(of('rocketmq_disagreements', { of: 'name-server-route' }))).toBe('0');
      await using client = createRemotingClient({ name: 'lab', config: lab.config });
      const forget = encodeDeleteRoute({ topic });
      let found: string | undefined;
      // A broker may register again between the two requests, so that the name servers agree again.
      for (let tries = 0; tries < 5 && found === undefined; tries += 1) {
        forget.parse(await client.ask(first(), forget, io()));
        // Each route is requested every five minutes.
        clock.advance(301);
        const { samples } = await page.scrape();
        found = samples.get(disagreement('name-server-route', topic));
      }
      expect(found).toBe('1');
      await page.scrapeUntil('they agree again', 10 * soon, (each) => {
        clock.advance(301);
        return !each.samples.has(disagreement('name-server-route', topic));
      });
      expect(gone(before, await well())).toEqual([]);
    });
  }

  test('a broker that hangs: the master', async () => {
    const pid = pidOf(lab, 'broker-1');
    process.kill(pid, 'SIGSTOP');
    try {
      // On a busy machine, the first collection may reach its deadline, so its page contains the previous clients.
      const pages = await page.scrapeUntil('the clients are gone', 3, (each) => clients(each).length === 0);
      const hung = pages.at(-1) as ScrapedPage;
      expect(hung.samples.get(brokerUp('broker-a:0'))).toBe('0');
      expect(hung.samples.get(brokerUp('broker-a:1'))).toBe('1');
      expect(partsThatAre(hung, 'kept')).toContain('runtime broker-a:0');
      expect(partsThatAre(hung, 'missing')).toEqual([]);
      // Only the master reports the clients of a group and the lag of its slave. Topics and commits may be up to a minute old.
      const lost = gone(before, hung);
      expect(lost.filter((key) => !clients(before).includes(key))).toEqual([
        of('rocketmq_replica_behind_bytes', { broker: 'broker-a:1' }),
      ]);
      expect(lags(hung)).toEqual(lags(before));
      expect(ends(hung).map((key) => hung.samples.get(key))).toEqual(
        ends(before).map((key) => before.samples.get(key)),
      );
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const again = await well();
    expect(again.samples.get(brokerUp('broker-a:0'))).toBe('1');
    expect(gone(before, again)).toEqual([]);
  });

  // The test in which all die also covers the loss of one.
  if (fullMatrix) {
    test('a name server that dies, and comes back without routes', async () => {
      const undertaker = undertakerOf(nameServers[0] ?? Number.NaN);
      await undertaker.end('SIGKILL');
      const without = await page.scrape();
      expect(without.samples.get(nameServerUp(first()))).toBe('0');
      expect(without.samples.get(of('plimsoll_cluster_up'))).toBe('1');
      const lost = gone(before, without);
      // Disagreements, which require two name servers, and its number of brokers.
      expect(lost.filter((key) => !/^rocketmq_(name_server_brokers|disagreements?)\{/.test(key))).toEqual([]);

      nameServers[0] = undertaker.revive();
      const pages = await page.scrapeUntil('it knows the brokers again', 10 * soon, (each) => {
        const listed = each.samples.get(of('rocketmq_name_server_brokers', { name_server: first() }));
        return listed === '2' && isFresh(each);
      });
      for (const each of pages) {
        expect(
          gone(before, each).filter((key) => !/^rocketmq_(name_server_brokers|disagreements?)\{/.test(key)),
        ).toEqual([]);
        // Until brokers register, the two name servers list different brokers, which the page shows.
        const listed = each.samples.get(of('rocketmq_name_server_brokers', { name_server: first() }));
        const says = each.samples.get(disagreement('name-server-brokers', 'broker-a:0'));
        if (listed === '0') expect(says).toBe('1');
      }
      expect(pages.at(-1)?.samples.get(of('rocketmq_disagreements', { of: 'name-server-brokers' }))).toBe('0');
    });
  }

  test('a slave that dies', async () => {
    await undertakerOf(pidOf(lab, 'broker-2')).end('SIGKILL');
    const pages = await page.scrapeUntil(
      'the name servers struck it off',
      10 * soon,
      (each) => each.samples.get(of('rocketmq_brokers')) === '1' && isFresh(each),
    );
    for (const each of pages) {
      expect(each.samples.get(brokerUp('broker-a:0'))).toBe('1');
      expect(each.samples.get(brokerUp('broker-a:1')) ?? '0').toBe('0');
      expect(ends(each)).toEqual(ends(before));
    }
    const ofSlave = /(broker|slave|subject)="broker-a:1"|^rocketmq_ha_|^rocketmq_disagreements?\{/;
    expect(gone(before, pages.at(-1) as ScrapedPage).filter((key) => !ofSlave.test(key))).toEqual([]);
  });

  test('name servers that all die', async () => {
    for (const pid of nameServers) await undertakerOf(pid).end('SIGKILL');
    const without = await page.scrape();
    expect(lab.namesrv.map((address) => without.samples.get(nameServerUp(address)))).toEqual(['0', '0']);
    expect(without.samples.get(of('plimsoll_cluster_up'))).toBe('1');
    expect(without.samples.get(brokerUp('broker-a:0'))).toBe('1');
    expect(ends(without)).toEqual(ends(before));

    // No name server lists these brokers any more.
    clock.advance(301);
    const late = await page.scrape();
    expect(late.samples.get(of('plimsoll_cluster_up'))).toBe('0');
    expect(ends(late)).toEqual([]);
  });
});

if (fullMatrix) {
  requires('java', 'maven').test(
    'the leader of a DLedger group that dies',
    async () => {
      await using lab = await startRocketmq({ version: '4.9.7', mode: 'dledger' });
      await fill(lab);
      await using page = await watchRocketmq(lab);
      const memberOf = (address: string) => `n${lab.brokers.findIndex((broker) => broker.address === address)}`;
      const told = ({ samples }: ScrapedPage, metric: string) =>
        lab.brokers.map(({ address }) => samples.get(of(metric, { broker: 'broker-a', member: memberOf(address) })));
      const leader = lab.brokers.find(({ id }) => id === 'broker-a:0');
      if (leader === undefined) throw new Error('no broker leads');
      const pages = await page.scrapeUntil(
        'three members, none behind',
        10 * soon,
        (each) => isFresh(each) && told(each, 'rocketmq_dledger_behind_bytes').every((behind) => behind === '0'),
      );
      const before = pages.at(-1) as ScrapedPage;
      expect(told(before, 'rocketmq_dledger_leader')).toEqual(
        lab.brokers.map(({ id }) => (id === leader.id ? '1' : '0')),
      );

      process.kill(leader.pid, 'SIGKILL');
      // A name server lists it until the others have elected; it no longer has the leader role.
      const none = await page.scrape();
      expect(told(none, 'rocketmq_dledger_leader')[lab.brokers.indexOf(leader)]).toBeUndefined();

      const left = lab.brokers.map(({ address }) => address).filter((address) => address !== leader.address);
      const ids = await waitUntilRegistered(
        { nameServers: lab.namesrv, brokers: left },
        { clock: systemClock, signal: AbortSignal.timeout(180_000) },
      );
      const elected = left.find((address) => ids.get(address) === 'broker-a:0');
      await page.scrape();
      const second = await page.scrape();
      expect(told(second, 'rocketmq_dledger_leader')).toEqual(
        lab.brokers.map(({ address }) => (address === leader.address ? undefined : address === elected ? '1' : '0')),
      );
      expect(told(second, 'rocketmq_dledger_behind_bytes')).toEqual(
        lab.brokers.map(({ address }) => (address === leader.address ? undefined : '0')),
      );
      expect(ends(second).map((key) => second.samples.get(key))).toEqual(
        ends(before).map((key) => before.samples.get(key)),
      );
    },
    600_000,
  );
}

/** Sends 50 messages to each of two queues, 20 consumed. */
async function fill({ config }: RunningRocketmq): Promise<void> {
  const seedIo = { ...io(), progress: () => undefined };
  await using cluster = await openRocketmq('lab', config, seedIo);
  await fillTopic(cluster, { name: topic, partitions: 2, messagesPerPartition: 50 }, seedIo);
  await cluster.commit(
    group,
    topic,
    new Map([
      [0, 20n],
      [1, 20n],
    ]),
    seedIo,
  );
}

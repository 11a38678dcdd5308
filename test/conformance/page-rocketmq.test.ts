// Compares the page of the exporter with facts of Apache's DefaultMQAdminExt, in various states of real RocketMQ brokers.

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { driverOf } from '../../brokers/registry.ts';
import { compatibilities } from '../../exporter/compatibility/registry.ts';
import { collectors } from '../../exporter/registry.ts';
import { rocketmqRelease } from '../../lab/rocketmq/release.ts';
import { openRocketmq } from '../../lab/seed/rocketmq-cluster.ts';
import { seriesKey } from '../support/exposition.ts';
import { startJavaPeer, type Fact, type JavaPeer } from '../support/java-peer.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startRocketmq, type RunningRocketmq } from '../support/rocketmq.ts';
import { createShiftingClock } from '../support/shifting-clock.ts';
import { pidOf, watchRocketmq } from '../support/watched-rocketmq.ts';
import type { ScrapedPage, WatchedPage } from '../support/watched-page.ts';

const timeout = 300_000;
const orders = 'orders';
const returns = 'returns';
const broker = 'broker-a';
const queues = [0, 1, 2, 3];
const messagesInQueue = 25;
const behindInQueue = 10;
const longestLevel = 18;
const shopping = { consumergroup: 'shopping' };
const refusing = { consumergroup: 'refusing', topic: returns, broker };

const labs = [
  { version: '4.9.7', mode: 'master-slave', nameServers: 2 },
  { version: '5.3.3', mode: 'single', nameServers: 1 },
] as const;

for (const lab of fullMatrix ? labs : []) {
  requires('java', 'maven').describe(`RocketMQ ${lab.version} in mode ${lab.mode}`, () => {
    const clock = createShiftingClock();
    let rocketmq: RunningRocketmq;
    let peer: JavaPeer;
    let page: WatchedPage;

    beforeAll(async () => {
      rocketmq = await startRocketmq(lab);
      await seed(rocketmq);
      peer = await startJavaPeer('RocketmqPeer', rocketmqRelease(lab.version), rocketmq.namesrv.join(';'));
      const registry = { ...collectors, 'rocketmq-exporter': compatibilities['rocketmq-exporter'] };
      page = await watchRocketmq(rocketmq, clock, registry);
      await page.scrape();
    }, timeout);
    afterAll(async () => {
      await page?.[Symbol.asyncDispose]();
      await peer?.[Symbol.asyncDispose]();
      await rocketmq?.[Symbol.asyncDispose]();
    });

    test(
      'counts waiting delayed messages although none was ever delivered',
      async () => {
        await peer.ask('send', returns, 10, longestLevel);
        const facts = await peer.ask('levels');
        expect(facts).toContainEqual(['waiting', broker, String(longestLevel), '10']);
        const scraped = await page.scrape();
        for (const [, name = '', level = '', waiting] of facts) {
          const labels = { broker: `${name}:0`, level };
          expect(valueOf(scraped, 'rocketmq_delay_level_waiting_messages', labels)).toBe(waiting);
        }
      },
      timeout,
    );

    test(
      'a group with lag and a group without lag',
      async () => {
        await settles(() => expectLags(['behind', 'idle']));
        const behind = { consumergroup: 'behind', topic: orders };
        expect(valueOf(await page.scrape(), 'rocketmq_consumergroup_topic_lag_messages', behind)).toBe(
          String(queues.length * behindInQueue),
        );
      },
      timeout,
    );

    test(
      "a group that sends messages back has the broker's rates, and then a lag in its retry topic",
      async () => {
        await peer.ask('refuse', 'refusing', returns);
        await peer.ask('send', returns, 20, 0);
        const rates = [
          ['SNDBCK_PUT_NUMS', 'rocketmq_consumergroup_send_back_messages_per_second'],
          ['GROUP_GET_NUMS', 'rocketmq_consumergroup_get_messages_per_second'],
        ] as const;
        for (const [stats, metric] of rates) {
          await settles(async () => {
            const scraped = await scrapeAMinuteLater();
            const reported = Number(await rateOf(stats, `${returns}@refusing`));
            expect(reported).toBeGreaterThan(0);
            expect(Number(valueOf(scraped, metric, refusing))).toBe(reported);
          });
        }
        expect(await peer.ask('clients', 'refusing')).toEqual([['clients', 'refusing', '1']]);
        await expectFailures('refusing');
        const clients = { consumergroup: 'refusing' };
        expect(valueOf(await scrapeAMinuteLater(), 'rocketmq_consumergroup_clients', clients)).toBe('1');
        // Until they are redelivered, the group has committed nothing in its retry topic.
        await settles(async () => {
          const facts = await lagsOf(['refusing']);
          expect(facts.some((fact) => fact[2] === '%RETRY%refusing' && Number(fact[5]) > 0)).toBe(true);
        });
        await peer.ask('leave', 'refusing');
        await settles(async () => {
          const facts = await expectLags(['refusing']);
          expect(sumOf(facts, '%RETRY%refusing')).toBeGreaterThan(0);
        });
        const ofRetries = compatibleKeys(await page.scrape()).filter((key) => key.includes('%RETRY%'));
        expect(ofRetries.filter((key) => /_tps|_message_size|_send_back/.test(key))).toEqual([]);
      },
      timeout,
    );

    test(
      'idle topics and groups have rates of 0',
      async () => {
        clock.advance(130);
        await settles(async () => {
          const scraped = await scrapeAMinuteLater();
          for (const topic of [orders, returns]) {
            expect(await rateAtRest('TOPIC_PUT_NUMS', topic)).toBe(0);
            expect(valueOf(scraped, 'rocketmq_topic_put_messages_per_second', { topic, broker })).toBe('0');
            expect(valueOf(scraped, 'rocketmq_producer_tps', { topic, broker })).toBe('0');
          }
          expect(await rateAtRest('GROUP_GET_NUMS', `${orders}@behind`)).toBe(0);
          expect(await rateAtRest('GROUP_GET_NUMS', `${orders}@idle`)).toBe(0);
          for (const group of ['behind', 'idle']) {
            const labels = { topic: orders, broker, consumergroup: group };
            for (const rate of ['get_messages', 'get_bytes', 'send_back_messages'])
              expect(valueOf(scraped, `rocketmq_consumergroup_${rate}_per_second`, labels), group).toBe('0');
            expect(valueOf(scraped, 'rocketmq_consumer_tps', { topic: orders, broker, group }), group).toBe('0');
          }
        });
      },
      timeout,
    );

    if (lab.mode === 'master-slave') {
      test(
        'a slave or name server that hangs delays one scrape by at most its timeout, and no value changes',
        async () => {
          await peer.ask('consume', 'shopping', orders);
          await settles(async () => {
            expect(await peer.ask('clients', 'shopping')).toEqual([['clients', 'shopping', '1']]);
            expect(valueOf(await scrapeAMinuteLater(), 'rocketmq_consumergroup_clients', shopping)).toBe('1');
          });
          await settles(() => expectLags(['shopping', 'behind', 'idle']));
          const facts = await lagsOf(['behind', 'idle']);
          const paused = { 'broker-2': `${broker}:1`, 'nameserver-2': rocketmq.namesrv[1] ?? '' };
          for (const [name, id] of Object.entries(paused)) {
            await whilePaused(name, async () => {
              await page.scrape();
              const scraped = await page.scrape();
              expectShown(scraped, facts);
              const durations = failedDurations(scraped, id);
              expect(durations.length, name).toBeGreaterThan(0);
              expect(Math.max(...durations), name).toBeLessThan(1);
              const shown = valueOf(await scrapeAMinuteLater(), 'rocketmq_consumergroup_clients', shopping);
              expect(shown, name).toBe('1');
            });
          }
        },
        timeout,
      );

      test(
        'while a slave replaces a paused master, the number of clients is unknown instead of 0',
        () =>
          whilePaused('broker-1', async () => {
            clock.advance(600);
            await page.scrape();
            const shown = valueOf(await scrapeAMinuteLater(), 'rocketmq_consumergroup_clients', shopping);
            // The slave may know the client from its heartbeats.
            expect(shown).toBeOneOf([undefined, '1']);
          }),
        timeout,
      );
    }

    const settles = <Result>(isSo: () => Promise<Result>) => vi.waitFor(isSo, { timeout: 150_000, interval: 1000 });

    /** The client counts messages that its listener rejected, and reports its thread count. */
    async function expectFailures(group: string): Promise<void> {
      const io = { signal: AbortSignal.timeout(60_000) };
      await using lookup = await driverOf(rocketmq.config).lookUp('lab', rocketmq.config, io);
      await peer.ask('send', returns, 20, 0);
      await settles(async () => {
        const { members } = await lookup.members(group, { signal: AbortSignal.timeout(10_000) }, { stacks: true });
        const [member] = members;
        const counted = member?.consumption?.find(({ topic }) => topic === returns);
        expect(counted?.failedPerSecond).toBeGreaterThan(0);
        expect(counted).toHaveProperty('secondsPerBatch');
        expect(member?.stacks).toContain(`ConsumeMessageThread_${group}`);
      });
    }

    /** The page reads rates once a minute, and the broker updates them every ten seconds. */
    async function scrapeAMinuteLater(): Promise<ScrapedPage> {
      clock.advance(61);
      return page.scrape();
    }

    async function whilePaused(name: string, look: () => Promise<void>): Promise<void> {
      const pid = pidOf(rocketmq, name);
      process.kill(pid, 'SIGSTOP');
      try {
        await look();
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    }

    async function rateOf(stats: string, key: string): Promise<string> {
      const [fact = []] = await peer.ask('rate', stats, key);
      return fact.at(-1) ?? '';
    }

    /** A broker without any message of the topic or group has no figure. */
    async function rateAtRest(stats: string, key: string): Promise<number> {
      const rate = await rateOf(stats, key);
      return rate === 'none' ? 0 : Number(rate);
    }

    async function lagsOf(groups: readonly string[]): Promise<Fact[]> {
      const facts: Fact[] = [];
      for (const group of groups) facts.push(...(await peer.ask('lag', group)));
      return facts;
    }

    async function expectLags(groups: readonly string[]): Promise<Fact[]> {
      const scraped = await page.scrape();
      const facts = await lagsOf(groups);
      expect(facts.map(([, group]) => group)).toEqual(expect.arrayContaining([...groups]));
      expectShown(scraped, facts);
      return facts;
    }
  });
}

const valueOf = ({ samples }: ScrapedPage, metric: string, labels: Record<string, string>) =>
  samples.get(seriesKey(metric, { cluster: 'lab', ...labels }));

const sumOf = (facts: readonly Fact[], topic: string) =>
  facts.filter((fact) => fact[2] === topic).reduce((sum, fact) => sum + Number(fact.at(-1)), 0);

/** Checks every queue that the admin client lists; for retry topics, the sum over their queues. */
function expectShown(scraped: ScrapedPage, facts: readonly Fact[]): void {
  for (const [, consumergroup = '', topic = '', brokerName = '', queue = '', committed, lag] of facts) {
    if (topic.startsWith('%RETRY%')) {
      const shown = valueOf(scraped, 'rocketmq_consumergroup_retry_lag_messages', { consumergroup, topic });
      expect(shown, topic).toBe(String(sumOf(facts, topic)));
      continue;
    }
    const labels = { consumergroup, topic, broker: brokerName, queue };
    expect(valueOf(scraped, 'rocketmq_consumergroup_offset', labels), JSON.stringify(labels)).toBe(committed);
    expect(valueOf(scraped, 'rocketmq_consumergroup_lag_messages', labels), JSON.stringify(labels)).toBe(lag);
  }
}

/** Seconds of waiting for each part to which this process did not respond. */
function failedDurations({ samples }: ScrapedPage, id: string): number[] {
  const metric = 'plimsoll_scrape_section_success';
  const failed = [...samples].filter(
    ([key, value]) => key.startsWith(`${metric}{`) && key.includes(`broker="${id}"`) && value === '0',
  );
  return failed.map(([key]) => Number(samples.get(key.replace('_success', '_duration_seconds'))));
}

/** Returns keys of the series with names of rocketmq-exporter. */
function compatibleKeys({ samples }: ScrapedPage): string[] {
  const names = new Set(Object.keys(compatibilities['rocketmq-exporter'].metrics));
  return [...samples.keys()].filter((key) => names.has(key.replace(/\{.*$/, '')));
}

/** Creates topic orders with an offline group that lags and an offline group without lag, and topic returns. */
async function seed({ config }: RunningRocketmq): Promise<void> {
  const io = { signal: AbortSignal.timeout(60_000), progress: () => undefined };
  await using cluster = await openRocketmq('lab', config, io);
  await cluster.ensureTopic(orders, queues.length, io);
  await cluster.ensureTopic(returns, 1, io);
  const values = Array.from({ length: messagesInQueue }, () => Buffer.alloc(10));
  for (const queue of queues) await cluster.send(orders, queue, values, io);
  const commits = (offset: number) => new Map(queues.map((queue) => [queue, BigInt(offset)]));
  await cluster.commit('behind', orders, commits(messagesInQueue - behindInQueue), io);
  await cluster.commit('idle', orders, commits(messagesInQueue), io);
  // The admin client finds a group by its retry topic, which its first member would have created.
  for (const group of ['behind', 'idle']) await cluster.ensureTopic(`%RETRY%${group}`, 1, io);
}

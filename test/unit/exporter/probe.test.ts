import { expect, test } from 'vitest';
import type { ClusterConfig } from '../../../brokers/config.ts';
import { type Clock, seconds } from '../../../core/clock.ts';
import { createLogger } from '../../../core/log.ts';
import { ExporterConfig, limitsOf } from '../../../exporter/config.ts';
import type { LagClock } from '../../../exporter/lag/lag-clock.ts';
import { createProber, type Probe, type Prober } from '../../../exporter/probe.ts';
import { parseExposition } from '../../support/exposition.ts';
import { inspectorOf, stoppedClock, textOf, troubledSnapshot } from '../../support/golden-metrics-page.ts';

const io = { signal: new AbortController().signal };
const config = ExporterConfig.parse({
  modules: {
    plain: { broker: 'kafka', targets: ['kafka-*.example:9092', '127.0.0.1:*'] },
    rocket: { broker: 'rocketmq', targets: ['ns-?.example:9876'] },
    ranges: { broker: 'kafka', targets: ['10.0.0.*:9092', '192.168.?.*', 'mq-*:9092', '[2001:db8::*]:9092'] },
    nets: { broker: 'kafka', targets: ['10.*:9092', '172.16.*5'] },
    anywhere: { broker: 'kafka', targets: ['*:9092'] },
    domains: { broker: 'kafka', targets: ['*.*:9092'] },
  },
});

function watched(clock: Clock = stoppedClock, limits = limitsOf(config), lagClocks = new Map<string, LagClock>()) {
  const opened: [string, ClusterConfig][] = [];
  const closed: string[] = [];
  const prober = createProber({
    modules: config.modules,
    limits,
    lagClocks,
    clock,
    log: createLogger('silent'),
    open: async (name, cluster) => {
      opened.push([name, cluster]);
      return {
        // Each reading has its own sections.
        ...inspectorOf(async () => ({ ...troubledSnapshot, sections: [...troubledSnapshot.sections] })),
        [Symbol.asyncDispose]: async () => void closed.push(name),
      };
    },
  });
  return { prober, opened, closed };
}

const refusal = (probe: Probe) => (probe.kind === 'refused' ? `${probe.status} ${probe.reason}` : 'opened');

async function scrape(prober: Prober, target: string, module = 'plain') {
  const probe = prober.open(target, module);
  if (probe.kind === 'refused') throw new Error(probe.reason);
  const page = textOf(await probe.page.render(io));
  probe.close();
  return parseExposition(page).samples;
}

test('a page has only the labels of the exporters it follows', async () => {
  const { prober, opened } = watched();
  const samples = await scrape(prober, 'kafka-1.example:9092,kafka-2.example:9092');
  expect(samples.get('kafka_brokers')).toBe('2');
  expect(samples.get('kafka_topic_partition_current_offset{partition="1",topic="orders"}')).toBe('40');
  expect([...samples.keys()].filter((key) => /cluster="/.test(key))).toEqual([]);
  expect(opened.map(([, { broker }]) => broker)).toEqual(['kafka']);
  expect(opened[0]?.[1]).toMatchObject({ bootstrap: ['kafka-1.example:9092', 'kafka-2.example:9092'] });
});

test.each([
  ['evil.example:9092', 'plain', /^403 "evil.example:9092" is not among the targets/],
  ['kafka-1.example:9092,evil.example:9092', 'plain', /^403 "evil.example:9092"/],
  ['127.0.0.1:none', 'plain', /^403 "127.0.0.1:none" is not an address/],
  ['kafka-1.example:9092', 'plane', /^400 there is no module "plane"; did you mean plain\?/],
  ['kafka-1.example:9092', 'toString', /^400 there is no module/],
  ['kafka-1.example:9092', 'rocket', /^403/],
  ['kafka-1.evil.example:9092', 'plain', /^403/],
  ['10.0.0.evil.example.org:9092', 'ranges', /^403/],
  ['10.0.0.evil:9092', 'ranges', /^403/],
  ['10.evil.example.org:9092', 'nets', /^403/],
  ['172.16.0.1:9095', 'nets', /^403/],
  ['192.168.1.evil:9092', 'ranges', /^403/],
  ['mq-1.evil.example:9092', 'ranges', /^403/],
  ['evil.example:9093', 'anywhere', /^403/],
  ['kafka-1.evil.example:9092', 'domains', /^403/],
])('%s with module %s is refused', async (target, module, words) => {
  await using prober = watched().prober;
  expect(refusal(prober.open(target, module))).toMatch(words);
});

test.each([
  ['10.0.0.7:9092', 'ranges'],
  ['192.168.1.7:9092', 'ranges'],
  ['10.20.0.7:9092', 'nets'],
  ['mq-1:9092', 'ranges'],
  ['[2001:db8::1:7]:9092', 'ranges'],
  ['kafka-1.example:9092', 'anywhere'],
  ['[2001:db8::7]:9092', 'anywhere'],
  ['kafka-1.example:9092', 'domains'],
])('%s matches the targets of module %s', async (target, module) => {
  await using prober = watched().prober;
  expect(refusal(prober.open(target, module))).toBe('opened');
});

test('a RocketMQ module queries a name server', async () => {
  const { prober, opened } = watched();
  await scrape(prober, 'ns-1.example:9876', 'rocket');
  expect(opened[0]?.[1]).toMatchObject({ broker: 'rocketmq', namesrv: ['ns-1.example:9876'] });
});

test('connections are kept between scrapes and closed after a long time without scrapes', async () => {
  let now = 0;
  const { prober, opened, closed } = watched({ ...stoppedClock, monotonic: () => seconds(now) });
  await scrape(prober, '127.0.0.1:1');
  await scrape(prober, '127.0.0.1:1');
  expect(opened).toHaveLength(1);
  now = 601;
  await scrape(prober, '127.0.0.1:2');
  expect(closed).toEqual(['127.0.0.1:1']);
  await prober[Symbol.asyncDispose]();
  expect(closed).toEqual(['127.0.0.1:1', '127.0.0.1:2']);
});

test('computes lag times from the history of a target between scrapes', async () => {
  const { prober } = watched();
  await scrape(prober, '127.0.0.1:1');
  const samples = await scrape(prober, '127.0.0.1:1');
  expect(samples.get('plimsoll_consumergroup_lag_clamped_total')).toBe('2');
});

test('after a config reload a target keeps its lag history, unless it is not probed again', async () => {
  let now = 0;
  const clock = { ...stoppedClock, monotonic: () => seconds(now) };
  const lagClocks = new Map<string, LagClock>();
  const reload = () => watched(clock, limitsOf(config), lagClocks).prober;
  const before = reload();
  for (const target of ['127.0.0.1:1', '127.0.0.1:2']) await scrape(before, target);
  await before[Symbol.asyncDispose]();
  await using after = reload();
  const samples = await scrape(after, '127.0.0.1:1');
  expect(samples.get('plimsoll_consumergroup_lag_clamped_total')).toBe('2');
  now = 601;
  await scrape(after, '127.0.0.1:1');
  await scrape(after, '127.0.0.1:3');
  expect([...lagClocks.keys()]).toEqual(['plain 127.0.0.1:1', 'plain 127.0.0.1:3']);
});

test('repeated reloads keep the lag history of at most 200 targets', async () => {
  const lagClocks = new Map<string, LagClock>();
  for (const first of [1, 201]) {
    await using prober = watched(stoppedClock, limitsOf(config), lagClocks).prober;
    for (let port = first; port < first + 200; port++) await scrape(prober, `127.0.0.1:${port}`);
  }
  expect([...lagClocks.keys()].slice(199)).toEqual(['plain 127.0.0.1:400']);
});

test('at most 200 targets are kept, the most recently probed ones', async () => {
  const { prober, closed } = watched();
  for (let port = 1; port <= 201; port++) await scrape(prober, `127.0.0.1:${port}`);
  expect(closed).toEqual(['127.0.0.1:1']);
  await prober[Symbol.asyncDispose]();
});

test('at most ten probes run at once, and another one starts when one has ended', async () => {
  await using prober = watched().prober;
  const open = Array.from({ length: 10 }, (_, port) => prober.open(`127.0.0.1:${port + 1}`, 'plain'));
  expect(refusal(prober.open('127.0.0.1:11', 'plain'))).toMatch(/^503/);
  if (open[0]?.kind === 'page') open[0].close();
  expect(refusal(prober.open('127.0.0.1:11', 'plain'))).toBe('opened');
});

test('concurrent responses together have at most the series limit of one page', async () => {
  const open = (prober: Prober, target: string) => {
    const probe = prober.open(target, 'plain');
    if (probe.kind === 'refused') throw new Error(probe.reason);
    return probe;
  };
  const whole = await scrape(watched().prober, '127.0.0.1:1');
  const series = Number(whole.get('plimsoll_scrape_series'));
  const { prober } = watched(stoppedClock, { ...limitsOf(config), maxSeries: 1.5 * series });
  const first = open(prober, '127.0.0.1:1');
  using _page = await first.page.render(io);
  const second = open(prober, '127.0.0.1:2');
  await expect(second.page.render(io)).rejects.toMatchObject({ code: 'service-busy' });
  second.close();
  first.close();
  const third = open(prober, '127.0.0.1:2');
  expect(textOf(await third.page.render(io))).toContain('kafka_brokers 2');
  third.close();
});

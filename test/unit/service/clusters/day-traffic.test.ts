import { expect, test } from 'vitest';
import { PrometheusTelemetry } from '../../../../analyzer/evidence/sources/config.ts';
import { createDays } from '../../../../service/clusters/day-traffic.ts';
import { localDay, type LocalDay } from '../../../../service/clusters/local-day.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { startScriptedHttp, type SentRequest } from '../../../support/scripted-http.ts';

const now = Date.parse('2026-11-21T05:30:00Z');
const clock = { ...createHandClock(), now: () => new Date(now) };

type Series = { metric: Record<string, string>; at: (seconds: number) => number | undefined };

/** Answers as a Prometheus that has the given metrics, each with its series. */
const holding =
  (metrics: Readonly<Record<string, Series[]>>) =>
  ({ parameters: { query = '', start, end, step } }: SentRequest): string => {
    const [, found = []] = Object.entries(metrics).find(([name]) => query.includes(`${name}{`)) ?? [];
    const result = found.flatMap(({ metric, at }) => {
      const values = [];
      for (let time = Number(start); time <= Number(end); time += Number(step)) {
        const value = at(time);
        if (value !== undefined) values.push([time, String(value)]);
      }
      return values.length === 0 ? [] : [{ metric, values }];
    });
    return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
  };

async function asked(
  day: string,
  broker: 'kafka' | 'rocketmq',
  metrics: Readonly<Record<string, Series[]>>,
  zone = 'UTC',
) {
  await using server = await startScriptedHttp((one, response) => void response.end(holding(metrics)(one)));
  const source = PrometheusTelemetry.parse({
    kind: 'prometheus',
    url: server.url,
    publicUrl: 'https://prometheus.example/p/',
    select: { brokers: 'env="prod"' },
  });
  const brokers = [
    { id: 'broker-a:0', address: '10.0.0.1:10911' },
    { id: '1', address: 'kafka-1.example:9092' },
  ];
  const served = {
    name: 'orders',
    broker,
    last: () => ({ snapshot: { cluster: { brokers } } as never, at: new Date(now) }),
    source: { name: 'prom', config: source, cluster: 'orders' },
  };
  const answer = await createDays(clock).ask(served, localDay(day, zone) as LocalDay);
  if (answer.kind !== 'answered') throw new Error(JSON.stringify(answer));
  const ends = server.asked.map(({ parameters }) => Number(parameters['end']));
  return { answer: answer.answer, requests: ends.length, ...(ends.length > 0 && { latest: Math.max(...ends) }) };
}

const always = (rate: number) => () => rate;
const labels = { cluster: 'orders' };

test('the traffic of a RocketMQ day is what its masters stored and delivered, by hour and broker', async () => {
  const { answer } = await asked('2026-11-18', 'rocketmq', {
    rocketmq_broker_put_messages_total: [
      { metric: { ...labels, broker: 'broker-a:0' }, at: always(10) },
      { metric: { ...labels, broker: 'broker-a:1' }, at: always(10) },
      { metric: { ...labels, broker: 'gone:0' }, at: always(1) },
      { metric: { cluster: 'other', broker: 'broker-a:0' }, at: always(500) },
    ],
    rocketmq_broker_get_messages_total: [{ metric: { ...labels, broker: 'broker-a:0' }, at: always(2) }],
  });
  if (answer.kind !== 'answered') throw new Error(answer.kind);
  expect([answer.hours.length, answer.isWhole]).toEqual([24, true]);
  expect(answer.hours[0]).toEqual({ at: '2026-11-18T00:00:00.000Z', produced: 11 * 3600, consumed: 2 * 3600 });
  expect(answer.brokers).toEqual([
    { id: 'broker-a:0', produced: 10 * 86_400, consumed: 2 * 86_400 },
    { id: 'gone:0', produced: 86_400 },
  ]);
  expect(answer.queries[0]?.expression).toContain('env="prod"');
  // Two exporter instances that watch the cluster, or two pods of one, must not double its traffic.
  const isOfOne = /max without \(instance, pod, [^)]*\) \(rate\(/;
  expect(answer.queries.map(({ expression }) => isOfOne.test(expression))).toEqual([true, true]);
  // After a leader change in a DLedger group an id has the counters of another process.
  const jumps = '(changes(rocketmq_broker_boot_timestamp_seconds{';
  expect(answer.queries.map(({ expression }) => expression.includes(jumps))).toEqual([true, true]);
  expect(answer.queries[0]?.url).toMatch(/^https:\/\/prometheus\.example\/p\/graph\?g0\.expr=sum/);
});

test('records stored for timers, transactions and pops count for their broker but not for the day', async () => {
  const { answer } = await asked('2026-11-18', 'rocketmq', {
    rocketmq_broker_put_messages_total: [{ metric: { ...labels, broker: 'broker-a:0' }, at: always(20) }],
    rocketmq_topic_messages_total: [{ metric: labels, at: always(10) }],
  });
  expect(answer).toMatchObject({ brokers: [{ id: 'broker-a:0', produced: 20 * 86_400 }] });
  if (answer.kind !== 'answered') throw new Error(answer.kind);
  expect(answer.hours[0]).toMatchObject({ produced: 36_000 });
  // While the load changes within an hour, the slope over the hour differs from the mean rate.
  expect(answer.queries[0]?.expression).toMatch(/^avg_over_time\(\(sum by .*\[15m\].*\[3599s:900s\]\)$/);
});

test('an hour without data is missing and not 0, and today contains only the hours so far', async () => {
  const metric = { ...labels, broker: '1' };
  const two = Date.parse('2026-11-21T02:00:00Z') / 1000;
  // VictoriaMetrics also returns a rate for a window that ends in the future, from the samples in it.
  const { answer, latest } = await asked('2026-11-21', 'kafka', {
    kafka_broker_messages_in_total: [{ metric, at: (seconds) => (seconds === two ? undefined : 5) }],
  });
  if (answer.kind !== 'answered') throw new Error(answer.kind);
  expect([answer.hours.length, answer.isWhole]).toEqual([6, false]);
  expect(answer.hours.map(({ produced }) => produced)).toEqual([18_000, undefined, 18_000, 18_000, 18_000, 9000]);
  expect(answer.hours.at(-1)?.at).toBe('2026-11-21T05:00:00.000Z');
  expect([latest, answer.queries.length]).toEqual([now / 1000, 1]);
  expect(answer.hours.some((hour) => 'consumed' in hour)).toBe(false);
  expect(answer.brokers).toEqual([{ id: '1', produced: 81_000 }]);
});

test('a day that began half an hour ago has half an hour of data', async () => {
  const metrics = { kafka_broker_messages_in_total: [{ metric: { ...labels, broker: '1' }, at: always(5) }] };
  expect((await asked('2026-11-21', 'kafka', metrics, 'America/Bogota')).answer).toMatchObject({
    from: '2026-11-21T05:00:00.000Z',
    to: '2026-11-21T05:30:00.000Z',
    hours: [{ at: '2026-11-21T05:00:00.000Z', produced: 9000 }],
    brokers: [{ id: '1', produced: 9000 }],
  });
});

test('a RocketMQ broker that reports only its group name is the master of the group', async () => {
  const own = { ...labels, node_id: 'broker-a' };
  const { answer } = await asked('2026-11-18', 'rocketmq', {
    rocketmq_messages_in_total: [{ metric: own, at: always(10) }],
    rocketmq_messages_out_total: [{ metric: own, at: always(2) }],
  });
  expect(answer).toMatchObject({ brokers: [{ id: 'broker-a:0', produced: 10 * 86_400, consumed: 2 * 86_400 }] });
  if (answer.kind !== 'answered') throw new Error(answer.kind);
  // After a role change both brokers of the name have a counter: they are added.
  expect(answer.queries.filter(({ expression }) => expression.includes('instance'))).toEqual([]);
});

test("brokers known only by address are matched by it, and a day begins in the reader's time zone", async () => {
  const { answer } = await asked(
    '2026-11-18',
    'kafka',
    {
      kafka_server_brokertopicmetrics_messagesin_total: [
        { metric: { instance: 'kafka-1.example:9404' }, at: always(1) },
      ],
    },
    'Asia/Shanghai',
  );
  expect(answer).toMatchObject({
    from: '2026-11-17T16:00:00.000Z',
    brokers: [{ id: '1', produced: 86_400 }],
  });
});

test('Kafka brokers on one machine are distinguished by port, and each is counted', async () => {
  const { answer } = await asked('2026-11-18', 'kafka', {
    kafka_server_brokertopicmetrics_messagesin_total: [
      { metric: { instance: '10.0.0.5:7071' }, at: always(1) },
      { metric: { instance: '10.0.0.5:7072' }, at: always(2) },
    ],
  });
  expect(answer).toMatchObject({
    brokers: [
      { id: '10.0.0.5:7071', produced: 86_400 },
      { id: '10.0.0.5:7072', produced: 2 * 86_400 },
    ],
  });
});

test('without broker counters, offset and commit growth give the traffic of the whole cluster only', async () => {
  const { answer } = await asked('2026-11-18', 'kafka', {
    kafka_topic_partition_current_offset: [{ metric: labels, at: always(7) }],
    kafka_consumergroup_current_offset: [
      { metric: { ...labels, consumergroup: 'billing' }, at: always(3) },
      // An offset reset is not consumption.
      { metric: { ...labels, consumergroup: 'reset' }, at: always(-9) },
    ],
  });
  expect(answer).toMatchObject({ kind: 'answered', brokers: [] });
  expect(answer.kind === 'answered' && answer.hours[3]).toMatchObject({ produced: 25_200, consumed: 10_800 });
});

test('a day without data reports the last day before and the first day after with data', async () => {
  const [from, to] = ['2026-11-02T00:00:00Z', '2026-11-05T00:00:00Z'].map((at) => Date.parse(at) / 1000) as [
    number,
    number,
  ];
  const metrics = {
    rocketmq_broker_put_messages_total: [
      {
        metric: { ...labels, broker: 'broker-a:0' },
        at: (seconds: number) => (seconds > from && seconds <= to ? 1 : undefined),
      },
    ],
  };
  expect((await asked('2026-10-30', 'rocketmq', metrics)).answer).toEqual({ kind: 'no-data', firstDay: '2026-11-02' });
  expect((await asked('2026-11-18', 'rocketmq', metrics)).answer).toEqual({ kind: 'no-data', lastDay: '2026-11-04' });
  expect((await asked('2026-11-18', 'rocketmq', {})).answer).toEqual({ kind: 'no-data' });
});

test('a day in the future sends no query', async () => {
  expect(await asked('2026-11-22', 'kafka', {})).toEqual({ answer: { kind: 'ahead' }, requests: 0 });
});

test('a past day is queried once, and a failing source is not queried again for a while', async () => {
  let fails = false;
  await using server = await startScriptedHttp((one, response) => {
    if (fails) response.writeHead(400).end(JSON.stringify({ status: 'error', error: 'out of order' }));
    else {
      response.end(holding({ kafka_broker_messages_in_total: [{ metric: { broker: '1' }, at: always(1) }] })(one));
    }
  });
  const config = PrometheusTelemetry.parse({ kind: 'prometheus', url: server.url });
  const served = {
    name: 'orders',
    broker: 'kafka' as const,
    last: () => undefined,
    source: { name: 'prom', config, cluster: 'orders' },
  };
  const days = createDays(clock);
  const ask = (day: string) => days.ask(served, localDay(day, 'UTC') as LocalDay);
  await Promise.all([ask('2026-11-18'), ask('2026-11-18')]);
  const once = server.asked.length;
  await ask('2026-11-18');
  expect(server.asked.length).toBe(once);
  fails = true;
  expect(await ask('2026-11-17')).toMatchObject({
    kind: 'unanswered',
    reason: expect.stringContaining('out of order'),
  });
  const failed = server.asked.length;
  await ask('2026-11-17');
  expect(server.asked.length).toBe(failed);
});

test('a failing source is not a day without data and is not queried again while a reader waits', async () => {
  await using server = await startScriptedHttp((_, response) => void response.writeHead(503).end('busy'));
  const config = PrometheusTelemetry.parse({ kind: 'prometheus', url: server.url });
  const served = {
    name: 'orders',
    broker: 'kafka' as const,
    last: () => undefined,
    source: { name: 'prom', config, cluster: 'orders' },
  };
  const told = await createDays(clock).ask(served, localDay('2026-11-18', 'UTC') as LocalDay);
  expect(told).toMatchObject({ kind: 'unanswered', reason: expect.stringContaining('HTTP 503') });
  expect(server.asked).toHaveLength(1);
});

test('a cluster without a Prometheus source returns no-source', async () => {
  const day = localDay('2026-11-18', 'UTC') as LocalDay;
  const served = { name: 'orders', broker: 'kafka' as const, last: () => undefined };
  expect(await createDays(clock).ask(served, day)).toEqual({ kind: 'no-source', day: '2026-11-18' });
});

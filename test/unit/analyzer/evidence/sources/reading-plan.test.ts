import { expect, test } from 'vitest';
import { PrometheusTelemetry } from '../../../../../analyzer/evidence/sources/config.ts';
import type { Conversation } from '../../../../../analyzer/evidence/sources/range-query.ts';
import { planReading, refuseTooMuch } from '../../../../../analyzer/evidence/sources/reading-plan.ts';
import { readTelemetry } from '../../../../../analyzer/evidence/sources/telemetry.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';
import { runWords } from '../../../../support/run-words.ts';
import { startScriptedHttp } from '../../../../support/scripted-http.ts';

/** A Prometheus server with three figures per broker (messages, bytes, restarts), scraped once a minute. */
async function planned(
  brokers: number,
  {
    isRefused = () => false,
    ...over
  }: {
    coarserIfNeeded?: boolean;
    /** Queries to which the server responds with HTTP 503. */
    isRefused?: (query: string) => boolean;
  } = {},
) {
  await using server = await startScriptedHttp(({ path, parameters }, response) => {
    const { query = '', start, end, step } = parameters;
    if (path.endsWith('/values')) {
      const data = ['kafka_broker_messages_in_total', 'kafka_broker_bytes_in_total'];
      response.end(JSON.stringify({ status: 'success', data }));
      return;
    }
    if (isRefused(query)) {
      response.writeHead(503).end('no healthy upstream');
      return;
    }
    const values: [number, string][] = [];
    for (let time = Number(start); time <= Number(end); time += Number(step)) values.push([time, '10']);
    const names = query.includes('count_over_time') ? [''] : Array.from({ length: brokers }, (_, id) => String(id + 1));
    const result = names.map((broker) => ({ metric: { cluster: 'orders', broker }, values }));
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  });
  const talk: Conversation = {
    source: PrometheusTelemetry.parse({ kind: 'prometheus', url: server.url }),
    name: 'prod',
    clock: createHandClock(),
    signal: AbortSignal.timeout(10_000),
    requests: 0,
    wireBytes: 0,
    failedInARow: 0,
  };
  const [from, to] = [new Date('2026-11-01T00:00:00Z'), new Date('2026-11-08T00:00:00Z')];
  return await planReading(talk, { from, to, stepSeconds: 60, cluster: 'orders', ...over });
}

test('a week of a large cluster is read in longer intervals, with a finding', async () => {
  // 3 figures × 250 brokers × 10,080 minutes are 7.6 million values, of which 3 million are held.
  const plan = await planned(250, { coarserIfNeeded: true });
  expect(plan.window.stepSeconds).toBe(180);
  expect(plan.findings.map(({ code }) => code)).toContain('source-step-longer');
  expect(() => refuseTooMuch(plan)).not.toThrow();
});

test('a small cluster keeps the requested step', async () => {
  const plan = await planned(20, { coarserIfNeeded: true });
  expect(plan.window.stepSeconds).toBe(60);
  expect(plan.findings.map(({ code }) => code)).not.toContain('source-step-longer');
});

test('a requested step that is too short is rejected with a step that fits', async () => {
  const plan = await planned(250);
  expect(() => refuseTooMuch(plan)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('step of 152 s') }),
  );
});

test.each<[string, (query: string) => boolean]>([
  ['its presence', (query) => query.includes('(rate(kafka_broker_bytes_in_total')],
  ['its scrape interval', (query) => query.includes('count_over_time(kafka_broker_bytes_in_total')],
])('a failed query for %s is reported as a gap, not as a missing figure', async (_, isRefused) => {
  const { findings, choices } = await planned(3, { isRefused });
  expect(choices.map(({ candidate }) => candidate.figure)).not.toContain('bytesInPerSecond');
  expect(findings).toMatchObject([
    {
      code: 'source-gap',
      message: expect.stringMatching(/^prod returned no bytesInPerSecond from .*: HTTP 503\./) as string,
    },
  ]);
});

test('a server that returns only names is an error, not a source without series', async () => {
  await expect(planned(3, { isRefused: (query) => !query.includes('count_over_time') })).rejects.toMatchObject({
    code: 'prometheus-refused',
    message: expect.stringContaining('HTTP 503') as string,
  });
});

test('the check prints the link speed that node_exporter reports as a line for the config file', async () => {
  const names = ['node_network_speed_bytes', 'node_memory_MemTotal_bytes'];
  await using server = await startScriptedHttp(({ path, parameters }, response) => {
    const { query = '', start, end, step } = parameters;
    if (path.endsWith('/values')) {
      response.end(JSON.stringify({ status: 'success', data: names }));
      return;
    }
    const isCount = query.includes('count_over_time');
    const isSpeed = query.includes('node_network_speed_bytes');
    const values: [number, string][] = [];
    for (let time = Number(start); time <= Number(end); time += Number(step)) {
      values.push([time, isCount ? '40' : isSpeed ? '125000000' : '8589934592']);
    }
    const metric = isCount ? {} : { instance: 'kafka-1:9100', ...(isSpeed && { device: 'eth0' }) };
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [{ metric, values }] } }));
  });
  const { stdout } = await runWords('sources', 'check', '--prometheus', server.url);
  expect(stdout).toMatch(/linkBytesPerSecond +MISSING/);
  expect(stdout).toContain('  kafka-1: { speed: 1gbit } # eth0\n');
});

test('two Prometheus replicas with the same series yield one finding that lists all figures', async () => {
  await using server = await startScriptedHttp(({ path, parameters }, response) => {
    const { query = '', start, end, step } = parameters;
    const names = ['kafka_broker_messages_in_total', 'kafka_broker_bytes_in_total'];
    if (path.endsWith('/values')) {
      response.end(JSON.stringify({ status: 'success', data: names }));
      return;
    }
    const isCount = query.includes('count_over_time');
    const values: [number, string][] = [];
    for (let time = Number(start); time <= Number(end); time += Number(step)) values.push([time, '40']);
    const copies = ['a', 'b'].map((replica) => ({ cluster: 'orders', broker: '1', prometheus_replica: replica }));
    const result = (isCount ? [{}] : copies).map((metric) => ({ metric, values }));
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  });
  const source = PrometheusTelemetry.parse({ kind: 'prometheus', url: server.url });
  const [from, to] = [new Date('2026-11-01T00:00:00Z'), new Date('2026-11-01T06:00:00Z')];
  const { findings } = await readTelemetry(
    source,
    { from, to, stepSeconds: 60, cluster: 'orders' },
    { signal: AbortSignal.timeout(10_000), clock: createHandClock(), name: 'prod' },
  );
  const copies = findings.filter(({ code }) => code === 'source-copies');
  expect(copies).toHaveLength(1);
  for (const figure of ['messagesInPerSecond', 'bytesInPerSecond']) expect(copies[0]?.message).toContain(figure);
});

test('a broker that moved to another host within the window is one broker on its new host', async () => {
  const [from, to] = [new Date('2026-11-01T00:00:00Z'), new Date('2026-11-01T06:00:00Z')];
  const [left, came] = [from.getTime() / 1000 + 10_800, from.getTime() / 1000 + 11_400];
  const always = [0, Infinity] as const;
  const lives = { 'kafka-1': always, 'kafka-2': always, 'kafka-3': [0, left], 'kafka-4': [came, Infinity] };
  const metrics: Record<string, (host: string) => Record<string, string>> = {
    kafka_server_brokertopicmetrics_messagesin_total: (host) => ({ instance: `${host}:7071`, job: 'kafka' }),
    kafka_broker_info: (host) => ({ id: host === 'kafka-4' ? '3' : host.slice(-1), address: `${host}:9092` }),
    kafka_topic_partition_current_offset: () => ({ job: 'kafka-exporter' }),
  };
  await using server = await startScriptedHttp(({ path, parameters }, response) => {
    const { query = '', start, end, step } = parameters;
    if (path.endsWith('/values')) {
      response.end(JSON.stringify({ status: 'success', data: Object.keys(metrics) }));
      return;
    }
    const pointsOf = (value: string, [first = 0, last = 0]: readonly number[]) => {
      const values: [number, string][] = [];
      for (let time = Number(start); time <= Number(end); time += Number(step)) {
        if (time >= first && time <= last) values.push([time, value]);
      }
      return values;
    };
    const [name, labelsOf] = Object.entries(metrics).find(([metric]) => query.includes(metric)) ?? [];
    const isOfCluster = query.includes('count_over_time') || name === 'kafka_topic_partition_current_offset';
    const series: { metric: Record<string, string>; values: [number, string][] }[] = isOfCluster
      ? [{ metric: {}, values: pointsOf('30', always) }]
      : Object.entries(lives).map(([host, life]) => ({ metric: labelsOf?.(host) ?? {}, values: pointsOf('10', life) }));
    // No series has the label topic, as with jmx_exporter rules for totals only.
    const result = query.includes('topic!=""') ? [] : series.filter(({ values }) => values.length > 0);
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  });
  const telemetry = await readTelemetry(
    PrometheusTelemetry.parse({ kind: 'prometheus', url: server.url }),
    { from, to, stepSeconds: 60 },
    { signal: AbortSignal.timeout(10_000), clock: createHandClock(), name: 'prod' },
  );
  const { brokers } = telemetry.environment;
  expect(brokers.map(({ id }) => id)).toEqual(['1', '2', '3']);
  expect(brokers[2]?.address).toBe('kafka-4:7071');
  expect(telemetry.brokers.get('3')?.length).toBeGreaterThan(340);
  // Offsets provide the rate while the broker moves.
  const rates = telemetry.traffic.map(({ messagesPerSecond }) => messagesPerSecond);
  expect(rates).toEqual(Array.from({ length: 360 }, () => 30));
  expect(telemetry.findings.map(({ code }) => code)).not.toContain('source-copies');
});

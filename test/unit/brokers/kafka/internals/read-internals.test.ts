import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { internalMetrics } from '../../../../../brokers/kafka/internals/bean-metrics.ts';
import { InternalsSource } from '../../../../../brokers/kafka/internals/config.ts';
import { encodeReads } from '../../../../../brokers/kafka/internals/jolokia-read.ts';
import { jolokiaReads } from '../../../../../brokers/kafka/internals/jolokia.ts';
import { readInternals } from '../../../../../brokers/kafka/internals/read-internals.ts';

/** Pages of real agents on real brokers, mostly reduced to the allow-list. */
const recorded = (name: string) =>
  readFileSync(new URL(`../../../../fixtures/kafka/internals/${name}`, import.meta.url), 'utf8');
const exampleRules = recorded('jmx-exporter-1.0.1-kafka-4.3.1-example-rules.prom');
const confluentRules = recorded('jmx-exporter-1.0.1-kafka-4.3.1-confluent-rules.prom');
const noRules = recorded('jmx-exporter-1.0.1-kafka-3.9.2-no-rules.prom');
const twoBrokers = recorded('jmx-exporter-1.0.1-kafka-3.9.2-two-brokers.prom');
const jolokia = recorded('jolokia-2.2.9-kafka-4.3.1.json');

const io = () => ({ signal: AbortSignal.timeout(10_000) });
let stop = () => {};
afterEach(() => stop());

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

async function serve(handler: Handler): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => handler(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stop = () => server.closeAllConnections();
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const servePage = (page: string) => serve((_, response) => response.setHeader('Content-Type', 'text/plain').end(page));

const serveJolokia = (answers: string) =>
  serve(({ method }, response) => {
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(method === 'POST' ? answers : '{"request":{"type":"version"},"value":{"agent":"2.2.9"},"status":200}');
  });

/** Returns values by metric and labels: `kafka_broker_requests_total Produce`. */
async function read(url: string) {
  const { broker, values, dropped } = await readInternals(url, '1', io());
  expect(broker).toBe('1');
  const byName = new Map(values.map(({ metric, labels, value }) => [[metric, ...labels].join(' '), value]));
  expect(byName.size).toBe(values.length);
  return { values: byName, dropped };
}

test.each([
  ['the rules of jmx_exporter and Strimzi', exampleRules],
  ["Confluent's rules", confluentRules],
  ['no rules', noRules],
])('a JMX exporter with %s reports traffic, requests, queues, replicas and the JVM', async (_, page) => {
  const { values, dropped } = await read(await servePage(page));
  expect(dropped).toBe(0);
  expect(values.get('kafka_broker_messages_in_total')).toBeGreaterThanOrEqual(20_000);
  expect(values.get('kafka_broker_bytes_in_total')).toBeGreaterThan(4_000_000);
  expect(values.get('kafka_broker_requests_total Produce')).toBeGreaterThanOrEqual(200);
  expect(values.get('kafka_broker_request_errors_total FindCoordinator COORDINATOR_NOT_AVAILABLE')).toBe(1);
  expect(values.get('kafka_broker_request_p99_seconds Produce')).toBeGreaterThan(0.001);
  expect(values.get('kafka_broker_request_phase_p99_seconds Produce local')).toBeLessThan(1);
  expect(values.get('kafka_broker_request_handler_idle_seconds_total all')).toBeGreaterThan(10);
  expect(values.get('kafka_broker_network_processor_idle_ratio')).toBeLessThanOrEqual(1);
  expect(values.get('kafka_broker_request_queue_requests')).toBe(0);
  expect(values.get('kafka_broker_purgatory_requests Produce')).toBe(0);
  expect(values.get('kafka_broker_isr_shrinks_total')).toBe(0);
  expect(values.get('kafka_broker_unclean_leader_elections_total')).toBe(0);
  expect(values.get('kafka_broker_active_controller')).toBe(1);
  expect(values.get('kafka_broker_offline_partitions')).toBe(0);
  expect(values.get('kafka_broker_log_flushes_total')).toBeGreaterThan(30);
  expect(values.get('kafka_broker_jvm_memory_max_bytes heap')).toBe(268_435_456);
  expect(values.get('kafka_broker_jvm_gc_collections_total G1 Young Generation')).toBeGreaterThan(10);
});

test('total time is count times mean if the page has a mean', async () => {
  const { values } = await read(await servePage(noRules));
  expect(values.get('kafka_broker_request_seconds_total Produce')).toBeCloseTo(0.587, 3);
  const phases = ['request-queue', 'local', 'remote', 'throttle', 'response-queue', 'response-send'];
  const sum = phases.reduce(
    (total, phase) => total + (values.get(`kafka_broker_request_phase_seconds_total Produce ${phase}`) ?? NaN),
    0,
  );
  // Each phase is truncated to whole milliseconds for each of the 200 requests.
  expect(Math.abs(sum - 0.587)).toBeLessThan(0.2);
  const ruled = await read(await servePage(exampleRules));
  expect(ruled.values.has('kafka_broker_request_seconds_total Produce')).toBe(false);
});

test('total time does not fall while requests take no time, despite rounding', async () => {
  const counts = Array.from({ length: 30 }, (_, more) => 200 + more);
  // Some of these products of count and mean are below 500.
  expect(counts.some((count) => count * (500 / count) < 500)).toBe(true);
  const pageOf = (count: number) =>
    noRules
      .replace(/^(.*_Count\{name="TotalTimeMs",request="Produce"\}) .*$/m, `$1 ${count}.0`)
      .replace(/^(.*_Mean\{name="TotalTimeMs",request="Produce"\}) .*$/m, `$1 ${500 / count}`);
  let page = '';
  const url = await serve((_, response) => response.setHeader('Content-Type', 'text/plain').end(page));
  for (const count of counts) {
    page = pageOf(count);
    expect((await read(url)).values.get('kafka_broker_request_seconds_total Produce')).toBe(0.5);
  }
});

test("total flush time is the timer's sum, in nanoseconds", async () => {
  const { values } = await read(await servePage(noRules));
  expect(values.get('kafka_broker_log_flush_seconds_total')).toBeCloseTo(3.044047049, 12);
});

const withListeners = [
  noRules.trimEnd(),
  'kafka_server_socket_server_metrics_io_wait_ratio{listener="PLAIN",networkProcessor="0"} 1.0025',
  'kafka_server_socket_server_metrics_io_wait_ratio{listener="PLAIN",networkProcessor="1"} 0.9959',
  'kafka_server_socket_server_metrics_io_wait_ratio{listener="TLS",networkProcessor="2"} 0.01',
  'kafka_server_socket_server_metrics_io_wait_ratio{listener="TLS",networkProcessor="3"} 0.07',
  'kafka_server_socket_server_metrics_io_wait_ratio{listener="CONTROLLER",networkProcessor="0"} 0.02\n',
].join('\n');
const busyUnderConfluent = confluentRules
  .replaceAll(/^(\S+_io_wait_ratio\{listener="PLAINTEXT",\S+) .*$/gm, '$1 0.04')
  .replaceAll(/^(\S+_io_wait_ratio\{listener="CONTROLLER",\S+) .*$/gm, '$1 0.02');

test.each([
  ['no rules', withListeners],
  ["Confluent's rules", busyUnderConfluent],
])("with %s, the idle ratio of network threads is that of the broker's busiest listener", async (_, page) => {
  const { values } = await read(await servePage(page));
  expect(values.get('kafka_broker_network_processor_idle_ratio')).toBeCloseTo(0.04, 9);
});

test('the idle ratio of network threads is that of the controller if it has the only listener', async () => {
  const page = confluentRules.replaceAll(/^\S+_io_wait_ratio\{listener="PLAINTEXT",.*\n/gm, '');
  const { values } = await read(await servePage(page));
  expect(values.get('kafka_broker_network_processor_idle_ratio')).toBeCloseTo((0.9960586922298079 + 1) / 2, 9);
});

test('sums the versions of an API', async () => {
  const page = `${exampleRules}kafka_network_requestmetrics_requests_total{request="Produce",version="3"} 1000.0\n`;
  const [before, after] = [await read(await servePage(exampleRules)), await read(await servePage(page))];
  expect(after.values.get('kafka_broker_requests_total Produce')).toBe(
    1000 + (before.values.get('kafka_broker_requests_total Produce') ?? NaN),
  );
});

test('leaves out unused APIs, responses without an error, single topics, and memory without a limit', async () => {
  const { values } = await read(await servePage(noRules));
  const names = [...values.keys()].join('\n');
  expect(noRules).toMatch(/CreateAcls/);
  expect(names).not.toMatch(/CreateAcls|NONE|orders/);
  expect(values.has('kafka_broker_jvm_memory_max_bytes nonheap')).toBe(false);
  expect(values.has('kafka_broker_jvm_memory_used_bytes nonheap')).toBe(true);
});

test('reads the page of an agent older than 1.0', async () => {
  const { values } = await read(
    await servePage(
      'jvm_memory_bytes_used{area="heap",} 5.0\n' +
        'kafka_log_logflushstats_logflushrateandtimems_count 7.0\n' +
        'kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",} 9.0\n' +
        'kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="orders",} 3.0\n',
    ),
  );
  expect([...values]).toEqual([
    ['kafka_broker_jvm_memory_used_bytes heap', 5],
    ['kafka_broker_bytes_in_total', 9],
    ['kafka_broker_log_flushes_total', 7],
  ]);
});

test('detects a Jolokia agent by its response and requests only the allow-list, once', async () => {
  const posted: string[] = [];
  const url = await serve(({ method }, response, body) => {
    response.setHeader('Content-Type', 'application/json');
    if (method === 'POST') posted.push(body);
    response.end(method === 'POST' ? jolokia : '{"status":200}');
  });
  const { values } = await read(url);
  expect(posted).toEqual([encodeReads(jolokiaReads)]);
  expect(values.get('kafka_broker_messages_in_total')).toBeGreaterThanOrEqual(20_000);
  expect(values.get('kafka_broker_request_seconds_total Produce')).toBeGreaterThan(0);
  expect(values.get('kafka_broker_request_errors_total FindCoordinator COORDINATOR_NOT_AVAILABLE')).toBe(3);
  expect(values.get('kafka_broker_jvm_memory_used_bytes heap')).toBeGreaterThan(1_000_000);
  expect(values.get('kafka_broker_jvm_gc_seconds_total G1 Young Generation')).toBeGreaterThan(0);
  expect([...values.keys()].join('\n')).not.toMatch(/CreateAcls|NONE|max_bytes nonheap/);
});

interface RecordedAnswer {
  request: { mbean: string };
  value: Record<string, Record<string, unknown>>;
}

function answerFor(bean: string, answers: readonly RecordedAnswer[]): RecordedAnswer['value'] {
  const answer = answers.find(({ request }) => request.mbean.includes(bean));
  if (answer === undefined) throw new Error(`no answer for ${bean}`);
  return answer.value;
}

test('requests the idle ratio of each network thread from Jolokia', async () => {
  const answers = JSON.parse(jolokia) as RecordedAnswer[];
  for (const [mbean, attributes] of Object.entries(answerFor('socket-server-metrics', answers))) {
    attributes['io-wait-ratio'] = mbean.includes('CONTROLLER') ? 0.02 : 0.04;
  }
  const { values } = await read(await serveJolokia(JSON.stringify(answers)));
  expect(values.get('kafka_broker_network_processor_idle_ratio')).toBeCloseTo(0.04, 9);
  expect(values.get('kafka_broker_connections')).toBe(7);
  expect(encodeReads(jolokiaReads)).toContain('"io-wait-ratio"');
});

test('pauses of concurrent collectors, which leave Eden full, do not count as the last collection', async () => {
  const answers = JSON.parse(jolokia) as RecordedAnswer[];
  // As reported by JDK 21.
  answerFor('GarbageCollector', answers)['java.lang:name=G1 Concurrent GC,type=GarbageCollector'] = {
    CollectionCount: 4,
    CollectionTime: 9,
    LastGcInfo: {
      endTime: 78_900,
      memoryUsageAfterGc: { 'G1 Eden Space': { used: 14_680_064 }, 'G1 Old Gen': { used: 29_896_704 } },
    },
  };
  const { values } = await read(await serveJolokia(JSON.stringify(answers)));
  expect(values.get('kafka_broker_jvm_gc_collections_total G1 Concurrent GC')).toBe(4);
  expect(values.get('kafka_broker_jvm_memory_after_gc_bytes G1 Eden Space')).toBe(0);
  expect(values.get('kafka_broker_jvm_memory_after_gc_bytes G1 Survivor Space')).toBe(2_097_152);
});

test('both agents of a broker report the same metrics', async () => {
  const metricsOf = async (url: string) =>
    new Set([...(await read(url)).values.keys()].map((name) => name.split(' ')[0]));
  const [byPage, byJolokia] = [
    await metricsOf(await servePage(twoBrokers)),
    await metricsOf(await serveJolokia(jolokia)),
  ];
  expect(byPage).toEqual(byJolokia);
});

test('requests no Jolokia pattern that grows with topics or partitions', () => {
  for (const { mbean } of jolokiaReads) expect(mbean).not.toMatch(/topic|partition|[:,]\*/);
});

test('every value belongs to a declared metric and has its labels', async () => {
  for (const url of [await servePage(noRules), await servePage(exampleRules), await serveJolokia(jolokia)]) {
    for (const { metric, labels } of (await readInternals(url, '1', io())).values) {
      expect(internalMetrics).toHaveProperty([metric]);
      expect(labels).toHaveLength(internalMetrics[metric as keyof typeof internalMetrics].labels.length);
    }
  }
});

test('values above the cap are dropped and counted', async () => {
  const errors = Array.from(
    { length: 5000 },
    (_, index) => `kafka_network_requestmetrics_errors_total{error="E${index}",request="Produce"} 1.0\n`,
  );
  const { values, dropped } = await read(await servePage(errors.join('')));
  expect(values.size).toBe(2000);
  expect(dropped).toBe(3000);
});

test('reading an endless page is aborted with a hint', async () => {
  const url = await serve((_, response) => {
    const chunk = 'x'.repeat(64 * 1024);
    const pour = () => {
      while (response.write(chunk) && !response.destroyed);
    };
    response.on('drain', pour);
    pour();
  });
  await expect(readInternals(url, '1', io())).rejects.toMatchObject({
    code: 'answer-unreadable',
    hint: expect.stringContaining('rules') as string,
  });
});

test.each([
  ['a page of something else', 'text/plain', 'process_cpu_seconds_total 1\n', 'has no metrics of a Kafka broker'],
  ['JSON of something else', 'application/json', '{"hello":"world"}', 'the response is not that of a Jolokia agent'],
  ['JSON cut short', 'application/json', '[{"status":200,"value":', 'JSON'],
  [
    'refusals only',
    'application/json',
    '[{"status":403,"error":"forbidden by policy"}]',
    'refused every read: forbidden by policy',
  ],
])('the error for %s names the cause', async (_, type, body, message) => {
  const url = await serve((_request, response) => response.setHeader('Content-Type', type).end(body));
  await expect(readInternals(url, '1', io())).rejects.toThrow(message);
});

test.each([
  [401, 'credentials-refused'],
  [404, 'broker-refused'],
  [500, 'broker-refused'],
])('HTTP %i is the error %s', async (status, code) => {
  const url = await serve((_, response) => response.writeHead(status).end());
  await expect(readInternals(url, '1', io())).rejects.toMatchObject({ code });
});

test('a refused connection is reported with the URL', async () => {
  const url = await serve((_, response) => response.end());
  stop();
  await expect(readInternals(`${url.slice(0, url.lastIndexOf(':'))}:2/metrics`, '1', io())).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: expect.stringContaining(':2/metrics') as string,
  });
});

test('sends user and password, and appends to the path of the Jolokia URL', async () => {
  const seen: string[] = [];
  const url = await serve(({ headers, url: path }, response) => {
    seen.push(`${path} ${headers.authorization}`);
    response.setHeader('Content-Type', 'text/plain').end(noRules);
  });
  process.env['PLIMSOLL_TEST_JMX'] = 'secret';
  const source = InternalsSource.parse({
    url: `${url}/jolokia`,
    username: 'plimsoll',
    password: '${env:PLIMSOLL_TEST_JMX}',
  });
  await readInternals(source, '1', io());
  expect(seen).toEqual([`/jolokia/ Basic ${btoa('plimsoll:secret')}`]);
});

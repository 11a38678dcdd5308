import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SourceConfig, type PrometheusTelemetry } from '../../analyzer/evidence/sources/config.ts';
import { exchange } from '../../analyzer/evidence/sources/http-exchange.ts';
import { readNamingSchemes } from '../../analyzer/evidence/sources/naming-schemes.ts';
import { readTelemetry, type SourceTelemetry } from '../../analyzer/evidence/sources/telemetry.ts';
import { readSamples } from '../../core/text/prometheus-text.ts';
import * as history from '../support/cluster-history.ts';
import { startFaultyHttpProxy, type HttpFault } from '../support/faulty-http-proxy.ts';
import { createHandClock } from '../support/hand-clock.ts';
import { startNodeExporter } from '../support/node-exporter.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startPrometheus, type RunningPrometheus } from '../support/prometheus.ts';
import { runCli } from '../support/run-cli.ts';
import { startVictoriaMetrics, startVictoriaMetricsCluster } from '../support/victoria-metrics.ts';

const hour = 3600;
// Scrapes avoid interval ends, as in real systems.
const from = 1_760_000_400 + 7;
const span = { from, to: from + hour, scrapeSeconds: 15 };
const restartedAt = from + 1800;
const gap = { from: from + 900, to: from + 1200 };
const cluster = { ...span, brokers: 2, restartedAt, gap };
const kept = () => [
  ...history.nodeExporterHistory(cluster),
  ...history.jmxExporterHistory(cluster),
  ...history.kafkaExporterHistory(cluster),
  ...history.rocketmqExporterHistory({ ...cluster, brokers: 1 }, true),
  ...history.podHistory(cluster),
  ...['10.0.0.8:9308', '10.0.0.9:9308'].flatMap((instance) =>
    history
      .kafkaExporterHistory({ ...cluster, job: 'pair' })
      .map((each) => ({ ...each, labels: { ...each.labels, instance } })),
  ),
  ...jmxPages(),
];
/** Pages of real brokers, with every value increased over an hour. */
const everyRules: [name: string, messages: number][] = [
  ['4.3.1-example-rules', 20_006],
  ['3.9.2-no-rules', 20_005],
  ['4.3.1-confluent-rules', 20_006],
];
const rules = fullMatrix ? everyRules : everyRules.slice(0, 1);
const pageOf = (name: string) =>
  readFileSync(new URL(`../fixtures/kafka/internals/jmx-exporter-1.0.1-kafka-${name}.prom`, import.meta.url), 'utf8');
const known = new Set(
  readNamingSchemes().flatMap(({ figures }) =>
    Object.values(figures)
      .flat()
      .flatMap(({ metrics }) => metrics),
  ),
);
function jmxPages(): history.KeptSeries[] {
  return rules.flatMap(([name]) =>
    [...readSamples(pageOf(name))]
      .filter(({ metric }) => known.has(metric))
      .map(({ metric, labels, value }) => ({
        metric,
        type: 'counter' as const,
        labels: { ...labels, instance: `${name}:7071`, job: 'jmx-pages' },
        at: (time: number) => value * (1 + (time - from) / hour),
      })),
  );
}
/** The window starts after the first scrapes, not at the time of a scrape. */
const windowStart = from + 293;
const window = { from: new Date(windowStart * 1000), to: new Date((from + hour - 7) * 1000), stepSeconds: 30 };
const kafkaOnly = { brokers: 'job=~"kafka.*"' };
const io = () => ({ signal: AbortSignal.timeout(60_000) });
const sourceOf = (url: string, over: object = {}) =>
  SourceConfig.parse({ kind: 'prometheus', url, select: kafkaOnly, ...over }) as PrometheusTelemetry;
const read = (url: string, over: object = {}) => readTelemetry(sourceOf(url, over), window, io());
const codes = ({ findings }: SourceTelemetry) => new Set(findings.map(({ code }) => code));

/** @returns worst relative error of received messages per broker against the truth, except around its restart */
function worstError({ brokers }: SourceTelemetry): number {
  const errors = [...brokers].flatMap(([broker, intervals]) =>
    intervals.flatMap(({ from: start, to, messagesInPerSecond }) => {
      if (messagesInPerSecond === undefined) return [];
      const [a, b] = [windowStart + start - from, windowStart + to - from];
      if (Math.abs(windowStart + start - restartedAt) < 60) return [];
      const share = 1 / Number(broker);
      const truth = (history.sentUntil(b, share) - history.sentUntil(a, share)) / (b - a);
      return [Math.abs(messagesInPerSecond / truth - 1)];
    }),
  );
  expect(errors.length).toBeGreaterThan(150);
  return Math.max(...errors);
}

requires('prometheus', 'promtool').describe('a real Prometheus', () => {
  let prometheus: RunningPrometheus;
  beforeAll(async () => {
    prometheus = await startPrometheus({ job: 'none', scrapes: [], history: history.openMetricsText(kept(), span) });
    await prometheus.untilAnswered('vector(1)');
  });
  afterAll(() => prometheus[Symbol.asyncDispose]());

  test('returns stored metrics of hosts, brokers, groups and restarts, and leaves gaps out', async () => {
    const told = await read(prometheus.url);
    // An interval ends up to one scrape after the last sample in it.
    expect(worstError(told)).toBeLessThan(0.02);
    expect(told.environment.brokers).toEqual([
      { id: '1', address: '10.0.0.1:7071', host: '10.0.0.1' },
      { id: '2', address: '10.0.0.2:7071', host: '10.0.0.2' },
    ]);
    expect(told.events).toEqual([{ kind: 'broker-restarted', broker: '2', elapsedSeconds: restartedAt - windowStart }]);
    const [first, second] = ['10.0.0.1', '10.0.0.2'].map((host) => [...(told.hosts.get(host)?.intervals ?? [])]);
    const inGap = (first ?? []).filter(
      ({ from: a, to }) => windowStart + a >= gap.from + 30 && windowStart + to <= gap.to,
    );
    expect(inGap).toEqual([]);
    expect(second).toHaveLength(110);
    expect(second?.[20]?.disks).toEqual([
      {
        device: 'sda',
        busy: expect.closeTo(0.2, 6),
        awaitSeconds: expect.closeTo(0.005, 6),
        writtenBytesPerSecond: expect.any(Number),
      },
    ]);
    // As on the wire, without loopback.
    const rate = (second?.[20]?.network?.[0]?.outBytesPerSecond ?? 0) - history.idleBytesPerSecond;
    const messages = told.brokers.get('2')?.[20]?.messagesInPerSecond ?? 0;
    expect(rate / messages).toBeCloseTo(history.bytesPerMessage.out + 24 / history.messagesPerFrame, 1);
    expect(second?.[20]?.network).toHaveLength(1);
    // -1 for a partition that was never committed is not a lag.
    expect(told.lag.slice(0, 2)).toEqual([
      { elapsedSeconds: 30, group: 'audit', messages: 7 },
      { elapsedSeconds: 30, group: 'billing', messages: 100 },
    ]);
  });

  test('does not sum the lag of two exporter instances that watch one cluster', async () => {
    const told = await read(prometheus.url, { select: { brokers: 'job=~"kafka|pair"' } });
    expect(told.lag.slice(0, 2)).toEqual([
      { elapsedSeconds: 30, group: 'audit', messages: 7 },
      { elapsedSeconds: 30, group: 'billing', messages: 100 },
    ]);
  });

  test('returns the same values through a proxy that is slow, truncates responses and fails midway', async () => {
    const faults: HttpFault[] = ['cut', 'error-in-the-middle', 'busy', 'slow', 'gone'];
    await using proxy = await startFaultyHttpProxy(prometheus.url, (nth) =>
      nth % 23 === 2 ? (faults.shift() ?? 'none') : 'none',
    );
    const clock = createHandClock();
    const through = await readTelemetry(sourceOf(proxy.url, { timeout: '1s' }), window, { ...io(), clock });
    // The server sent a retry time once; the other waits are half a second each.
    expect(clock.monotonic()).toBe(3);
    const direct = await read(prometheus.url);
    expect(proxy.faults).toBe(5);
    expect(Object.fromEntries(through.brokers)).toEqual(Object.fromEntries(direct.brokers));
    expect([...through.hosts.values()].map(({ intervals }) => intervals)).toEqual(
      [...direct.hosts.values()].map(({ intervals }) => intervals),
    );
    expect(codes(through)).not.toContain('source-gap');
  });

  test('detects per-minute sums by comparison with the offsets', async () => {
    const told = await read(prometheus.url, { select: { brokers: 'job="rocketmq"' } });
    const intervals = told.brokers.get('broker-0') ?? [];
    expect(codes(told)).toContain('source-per-minute');
    const bytesPerMessage = intervals.map(
      ({ bytesInPerSecond = 0, messagesInPerSecond = 0 }) => bytesInPerSecond / messagesInPerSecond,
    );
    for (const size of bytesPerMessage.slice(1, -1)) expect(size).toBeCloseTo(500, -1);
    // It is the same broker, although only identified by its address.
    expect(intervals[5]).toMatchObject({ from: 300, to: 360, sendQueueWaitSeconds: 0.04 });
  });

  test.each(rules)('counts each message once from real JMX exporter pages with %s', async (name, messages) => {
    const { brokers } = await read(prometheus.url, { select: { brokers: `job="jmx-pages", instance="${name}:7071"` } });
    const [broker, intervals] = [...brokers][0] ?? [];
    expect(broker).toBe(name);
    expect(intervals?.[30]).toMatchObject({
      messagesInPerSecond: expect.closeTo(messages / hour, 2),
      bytesInPerSecond: expect.closeTo(4_217_300 / hour, -1),
      produceRequestsPerSecond: expect.closeTo(200 / hour, 3),
      requestHandlersBusy: expect.any(Number),
      networkProcessorsBusy: expect.any(Number),
      heapUsedRatio: expect.any(Number),
      gcPauseShare: expect.any(Number),
      underReplicatedPartitions: 0,
    });
  });

  test('selects the pods that brokers run in as their hosts, with the limits of all containers', async () => {
    const select = { brokers: 'job="strimzi"', hosts: 'job="kubelet"' };
    const told = await read(prometheus.url, { select });
    expect(told.environment.brokers).toMatchObject([
      { id: '0', host: 'events-kafka-0' },
      { id: '1', host: 'events-kafka-1' },
    ]);
    expect([...told.hosts.keys()].toSorted()).toEqual(['events-kafka-0', 'events-kafka-1']);
    const interval = told.hosts.get('events-kafka-0')?.intervals.at(20);
    const messages = told.brokers.get('0')?.[20]?.messagesInPerSecond ?? 0;
    expect(interval?.cpu?.cores).toBe(1.5);
    expect(interval?.memory).toEqual({ usedBytes: 3e9, totalBytes: 4e9 });
    expect((interval?.cpu?.busyCores ?? 0) / messages).toBeCloseTo(history.cpuSecondsPerMessage, 5);
    expect((interval?.network?.[0]?.inBytesPerSecond ?? 0) / messages).toBeCloseTo(524, 0);
    expect(told.inventory.find(({ figure }) => figure === 'busyCores')).toMatchObject({ scheme: 'cadvisor' });
    // The limits of a sidecar are not those of its pod.
    const unlimited = told.hosts.get('events-kafka-1')?.intervals.at(20);
    expect(unlimited?.network).toHaveLength(1);
    expect([unlimited?.cpu, unlimited?.memory]).toEqual([undefined, undefined]);
  });

  test('sources check lists the available metrics with their targets, and the missing ones', async () => {
    const words = [
      'sources',
      'check',
      '--prometheus',
      prometheus.url,
      '--to',
      window.to.toISOString(),
      '--last',
      '50m',
      '--cluster',
      'DefaultCluster',
      '--json',
    ];
    const { exitCode, stdout } = await runCli(...words);
    const document = JSON.parse(stdout) as { figures: { figure: string; kind: string; targets?: string[] }[] };
    const of = (figure: string) => document.figures.filter((each) => each.figure === figure);
    expect(exitCode).toBe(0);
    expect(of('busyCores')).toMatchObject([
      { kind: 'found', scheme: 'node-exporter', targets: ['10.0.0.1', '10.0.0.2'] },
    ]);
    expect(of('linkBytesPerSecond')).toMatchObject([{ kind: 'missing', isNeeded: true }]);
  });

  if (fullMatrix) {
    test('reading a day of one broker transfers kilobytes instead of megabytes of samples', async () => {
      const day = { from, to: from + 24 * hour, scrapeSeconds: 15, brokers: 1 };
      const all = [
        ...history.nodeExporterHistory(day),
        ...history.jmxExporterHistory(day),
        ...history.kafkaExporterHistory(day),
      ];
      await using longer = await startPrometheus({
        job: 'none',
        scrapes: [],
        history: history.openMetricsText(all, day),
      });
      await longer.untilAnswered('vector(1)');
      const told = await readTelemetry(
        sourceOf(longer.url),
        { from: new Date((from + 60) * 1000), to: new Date((from + 24 * hour) * 1000), stepSeconds: 30 },
        io(),
      );
      expect(told.brokers.get('1')?.length).toBeGreaterThan(2870);
      const metrics = new Set(
        readNamingSchemes()
          .flatMap(({ figures }) => Object.values(figures).flat())
          .flatMap((each) => each.metrics),
      );
      let raw = 0;
      for (const metric of [...metrics].filter((name) => all.some((each) => each.metric === name))) {
        const body = new URLSearchParams({ query: `${metric}[1d]`, time: String(from + 24 * hour) }).toString();
        const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
        const answer = await exchange(
          { url: `${longer.url}/api/v1/query`, method: 'POST', headers, body, timeoutSeconds: 60, mostBytes: 2 ** 28 },
          io(),
        );
        if (answer.kind !== 'answered') throw new Error(answer.kind);
        raw += answer.wireBytes;
      }
      const { wireBytes = NaN, requests } = told.cost ?? {};
      process.stdout.write(`a broker-day at 30 s: ${wireBytes} bytes in ${requests} requests; raw ${raw} bytes\n`);
      expect(wireBytes).toBeLessThan(600_000);
      expect(raw).toBeGreaterThan(3 * wireBytes);
    });
  }
});

requires('openssl').describe('a server with a certificate of a private authority', () => {
  test('is accepted with its certificate authority, and refused without', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-source-tls-'));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const made = spawnSync(
      'openssl',
      [
        'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost',
        `-addext subjectAltName=IP:127.0.0.1 -keyout ${key} -out ${certificate}`,
      ].flatMap((words) => words.split(' ')),
    );
    expect(made.status).toBe(0);
    const server = createServer({ key: await readFile(key), cert: await readFile(certificate) }, (_, response) => {
      response.end('{"status":"success","data":[]}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const reading = (over: object) => readTelemetry(sourceOf(url, over), window, { ...io(), clock: createHandClock() });
    try {
      // The response was valid but empty.
      await expect(reading({ tls: { ca: certificate } })).rejects.toMatchObject({ code: 'source-empty' });
      await expect(reading({})).rejects.toMatchObject({
        code: 'prometheus-refused',
        message: expect.stringContaining('certificate'),
      });
      await expect(reading({ tls: { ca: join(folder, 'nowhere.pem') } })).rejects.toMatchObject({
        code: 'config-unreadable',
      });
    } finally {
      server.close();
      await rm(folder, { recursive: true });
    }
  });
});

if (fullMatrix) {
  requires('prometheus', 'node-exporter').describe('a real node_exporter scraped by a real Prometheus', () => {
    test('returns cores, memory, disks and network interfaces of this machine', async () => {
      await using exporter = await startNodeExporter({ flags: [] });
      const address = new URL(exporter.url).host;
      await using scraping = await startPrometheus({ job: 'node', scrapes: [address] });
      await scraping.untilAnswered('count_over_time(node_load1[60s]) > 20');
      const to = new Date();
      const told = await readTelemetry(
        sourceOf(scraping.url),
        { from: new Date(to.getTime() - 15_000), to, stepSeconds: 5 },
        io(),
      );
      const [host] = told.hosts.values();
      expect(host?.inventory).toMatchObject({ cores: availableParallelism(), memoryBytes: totalmem() });
      expect(host?.intervals.length).toBeGreaterThanOrEqual(2);
      const { cpu, memory } = host?.intervals.at(-1) ?? {};
      expect(cpu?.busyCores).toBeGreaterThan(0);
      expect(cpu?.busyCores).toBeLessThanOrEqual(availableParallelism() * 1.1);
      expect(memory?.usedBytes).toBeLessThan(totalmem());
      expect(codes(told)).toContain('source-missing');
    });
  });

  requires('go').describe('a real VictoriaMetrics', () => {
    function expectKept(told: SourceTelemetry): void {
      // Its rate() includes the sample before the window: half a scrape interval of additional smoothing.
      expect(worstError(told)).toBeLessThan(0.03);
      expect(told.environment.brokers.map(({ id, host }) => [id, host])).toEqual([
        ['1', '10.0.0.1'],
        ['2', '10.0.0.2'],
      ]);
      expect(told.events.map(({ kind }) => kind)).toEqual(['broker-restarted']);
      expect(told.lag[1]).toEqual({ elapsedSeconds: 30, group: 'billing', messages: 100 });
    }

    test('returns the same cluster as Prometheus', async () => {
      await using victoria = await startVictoriaMetrics(history.prometheusText(kept(), span));
      const told = await read(victoria.url);
      expectKept(told);
      await using below = await startFaultyHttpProxy(victoria.url, () => 'none');
      expect((await read(`${below.url}/prometheus`)).brokers.size).toBe(2);
    });

    test('returns the same as a cluster, and an error if a storage node is gone', async () => {
      await using victoria = await startVictoriaMetricsCluster(history.prometheusText(kept(), span));
      const told = await read(victoria.answers);
      expectKept(told);
      await victoria.loseOne();
      const lost = readTelemetry(sourceOf(victoria.answers), window, { ...io(), clock: createHandClock() });
      await expect(lost).rejects.toMatchObject({ message: expect.stringContaining('partial') });
    }, 600_000);
  });
}

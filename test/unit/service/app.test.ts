import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { examplePolicy } from '../../support/example-policy.ts';
import { ClustersConfig } from '../../../brokers/config.ts';
import { systemClock } from '../../../core/clock.ts';
import { createLogger } from '../../../core/log.ts';
import { ExporterConfig } from '../../../exporter/config.ts';
import { createFamilies } from '../../../exporter/exposition/families.ts';
import { listen } from '../../../exporter/http-server.ts';
import type { ClusterInspector } from '../../../brokers/driver.ts';
import { HostsConfig } from '../../../hosts/config.ts';
import type { HostProbe } from '../../../hosts/probe.ts';
import { createAccess } from '../../../service/access/create-access.ts';
import { createServiceApp, type ServedPages } from '../../../service/app.ts';
import { createCalculator } from '../../../service/calculation/calculator.ts';
import { ServiceConfig } from '../../../app/config/service.ts';
import { openHistory } from '../../../service/history/sqlite-history.ts';
import { openService } from '../../../service/open-service.ts';
import { ClusterReadings } from '../../../service/readings/cluster-readings.ts';
import { openReadingsFile, type ReadingsFile } from '../../../service/readings/readings-file.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'plimsoll-app-'))));
afterEach(() => rmSync(folder, { recursive: true }));

async function served({
  service = {},
  clusters = {},
  machines = {},
  readingsFile,
  ...over
}: Partial<ServedPages> & {
  service?: object;
  clusters?: object;
  machines?: object;
  readingsFile?: ReadingsFile;
} = {}) {
  const resources = new AsyncDisposableStack();
  const told: string[] = [];
  const log = createLogger('error', { write: (line) => void told.push(line) });
  const config = ServiceConfig.parse(service);
  const access = createAccess(config, { address: '127.0.0.1:0', clock: systemClock });
  const { parts, listeners } = openService({
    service: config,
    clusters: ClustersConfig.parse(clusters),
    machines: HostsConfig.parse(machines),
    exporter: ExporterConfig.parse(undefined),
    sources: {},
    policy: examplePolicy(),
    history: resources.use(openHistory(join(folder, 'ledger.sqlite'), { clock: systemClock })),
    access,
    calculator: { ask: () => Promise.reject(new Error('not asked')), async [Symbol.asyncDispose]() {} },
    clock: systemClock,
    log,
    ...(readingsFile && { readingsFile }),
  });
  const page = {
    async render() {
      const families = createFamilies();
      const { definitions, lines } = await listeners.families();
      families.add(definitions, lines);
      return families;
    },
    states: () => [],
  };
  const prober = { modules: [], open: () => ({ kind: 'refused' as const, status: 404 as const, reason: 'none' }) };
  const pages = {
    page,
    prober: prober as unknown as ServedPages['prober'],
    canaries: { states: () => [] },
    groupsOf: new Map(),
    calculator: createCalculator(),
    ...over,
  };
  const server = resources.use(
    await listen(createServiceApp(parts, pages, access), '127.0.0.1:0', { signal: new AbortController().signal }),
  );
  const ask = async (path: string) => {
    const response = await fetch(new URL(path, server.url));
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };
  return { ask, told, listeners, readings: parts.readings, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

test('an internal error is logged, and its details are not sent to the client', async () => {
  const broken = () => {
    throw new Error('secret of the house');
  };
  await using service = await served({
    page: { render: () => Promise.reject(new Error('not asked')), states: broken },
  });
  const { status, text } = await service.ask('/exporter');
  expect(status).toBe(500);
  expect(text).toBe('internal error; the log of the service has the reason\n');
  expect(service.told.join('')).toContain('secret of the house');
});

test('a service without clusters serves its pages, metrics and API, with and without the path prefix', async () => {
  await using service = await served({ service: { pathPrefix: '/plimsoll' } });
  for (const prefix of ['', '/plimsoll']) {
    expect((await service.ask(`${prefix}/`)).type).toContain('text/html');
    expect(JSON.parse((await service.ask(`${prefix}/api/v1/fleet`)).text)).toMatchObject({ clusters: [] });
    const metrics = await service.ask(`${prefix}/metrics`);
    expect(metrics.text).toContain('plimsoll_history_writable 1\n');
    expect(metrics.text).not.toContain('plimsoll_headroom_ratio');
    expect((await service.ask(`${prefix}/-/healthy`)).text).toBe('ok\n');
  }
  expect((await service.ask('/plimsoll/plimsoll/')).status).toBe(404);
});

test('the page of a broker shows the GC logs of its host, and that they could not be read', async () => {
  await using service = await served({
    clusters: { orders: { broker: 'kafka', bootstrap: ['127.0.0.1:1'], brokers: { '1': { host: 'k-1' } } } },
  });
  const answers: (() => Promise<unknown>)[] = [
    () => Promise.reject(new Error('connection refused')),
    () => Promise.resolve({ gcLogs: [{ name: 'kafka', unreadBytes: 0 }] }),
  ];
  const probe = service.listeners.hearHost('k-1', {
    sample: () => answers.shift()?.(),
  } as unknown as HostProbe);
  const read = () => probe.sample(new Set(), { signal: new AbortController().signal });
  const page = async () => (await service.ask('/gc?cluster=orders&broker=1')).text;
  await expect(read()).rejects.toThrow('connection refused');
  expect(await page()).toContain('connection refused');
  await read();
  expect(await page()).toContain('>kafka</bdi>');
});

test('a host known only by its address is assigned to the broker that the cluster reports there', async () => {
  await using service = await served({
    clusters: { orders: { broker: 'rocketmq', namesrv: ['127.0.0.1:1'] } },
    machines: { 'mq-1': { probe: 'node-exporter', url: 'http://192.0.2.1:9100/metrics' } },
  });
  const brokers = [{ id: 'broker-a:0', address: '192.0.2.1:10911' }];
  const cluster = { name: 'orders', kind: 'rocketmq', brokers };
  const inspector = service.listeners.hearCluster('orders', {
    snapshot: async () => ({
      cluster,
      topics: [],
      offsets: [],
      groups: [],
      sections: [{ section: 'runtime', broker: 'broker-a:0', kind: 'fresh', durationSeconds: 0.01 }],
    }),
  } as unknown as ClusterInspector);
  const probe = service.listeners.hearHost('mq-1', {
    sample: async () => ({ gcLogs: [{ name: 'broker', unreadBytes: 0 }] }),
  } as unknown as HostProbe);
  const io = { signal: new AbortController().signal };
  await probe.sample(new Set(), io);
  expect((await service.ask('/gc?cluster=orders')).text).not.toContain('mq-1');
  await inspector.snapshot(io);
  await probe.sample(new Set(), io);
  expect((await service.ask('/gc?cluster=orders')).text).toContain('mq-1');
});

test('a visitor with a link from a notification gets its page and styles without a login, and nothing else', async () => {
  const channels = { oncall: { vendor: 'slack', url: '${env:CHANNEL_URL}', acknowledge: true } };
  const service = {
    publicUrl: 'http://127.0.0.1/plimsoll',
    pathPrefix: '/plimsoll',
    trustedProxy: { addresses: ['10.0.0.0/8'] },
    hooks: { channels },
  };
  await using page = await served({ service });
  const { status, type, text } = await page.ask('/plimsoll/acknowledge?link=x');
  expect([status, type]).toEqual([404, expect.stringContaining('text/html')]);
  expect(text).toContain('This link is not valid.');
  expect((await page.ask('/plimsoll/assets/page.css')).status).toBe(200);
  for (const path of ['/', '/plimsoll/', '/plimsoll/api/v1/fleet', '/plimsoll/metrics', '/plimsoll/acknowledge/x']) {
    expect((await page.ask(path)).status, path).toBe(401);
  }
});

test('a cluster shows readings from before a restart unless its config now points to other brokers', async () => {
  using readingsFile = openReadingsFile(join(folder, 'readings.sqlite'), createLogger('silent'));
  if (readingsFile === undefined) throw new Error('not opened');
  const restarted = async (...bootstrap: string[]) => {
    await using service = await served({ clusters: { orders: { broker: 'kafka', bootstrap } }, readingsFile });
    return service.readings.of('orders')?.names('topic');
  };
  expect(await restarted('127.0.0.1:1')).toBe(undefined);
  const readings = new ClusterReadings({ usedBytes: 0, mostBytes: Infinity });
  const nowMs = Date.now();
  readings.add('topic', [{ of: 'topic', name: 'pay', values: { produceTps: 1 } }], { atMs: nowMs - 600_000 });
  readings.add('topic', [{ of: 'topic', name: 'pay', values: { produceTps: 1 } }], { atMs: nowMs - 300_000 });
  await readingsFile.save([['orders', readings]], nowMs);
  expect(await restarted('127.0.0.1:1')).toEqual(['pay']);
  expect(await restarted('127.0.0.1:2')).toBe(undefined);
  expect(await restarted('127.0.0.1:1')).toBe(undefined);
});

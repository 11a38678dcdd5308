import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { ClusterInspector } from '../../../brokers/driver.ts';
import type { Section } from '../../../brokers/snapshot.ts';
import type { HostReading } from '../../../core/documents/evidence/host-reading.ts';
import { AppError, type FaultCode } from '../../../core/errors.ts';
import { createLogger } from '../../../core/log.ts';
import { createMetricsPage, type Watched } from '../../../exporter/metrics-page.ts';
import { collectors } from '../../../exporter/registry.ts';
import type { CollectorRegistry } from '../../../exporter/target.ts';
import { parsePage, readingOf } from '../../../hosts/node-exporter/page.ts';
import type { HostProbe } from '../../../hosts/probe.ts';
import { parseExposition } from '../../support/exposition.ts';
import {
  inspectorOf,
  renderGoldenPage,
  stoppedClock,
  textOf,
  troubledSnapshot,
} from '../../support/golden-metrics-page.ts';
import { createHandClock } from '../../support/hand-clock.ts';
import { requires } from '../../support/prerequisites.ts';

const healthyProbe: HostProbe = {
  sample: async () => ({ load: { one: 1, five: 2, fifteen: 3 } }),
  describe: async () => ({ host: 'broker-1', links: [{ device: 'eth0', isUp: true }] }),
  async [Symbol.asyncDispose]() {},
};

const wholeSnapshot = { ...troubledSnapshot, sections: [] };

const pageOf = (over: Partial<Watched>) =>
  createMetricsPage({
    clusters: [{ name: 'lab', kind: 'kafka', inspector: inspectorOf(async () => troubledSnapshot) }],
    hosts: [{ name: 'broker-1', probe: healthyProbe }],
    clock: stoppedClock,
    log: createLogger('silent'),
    metrics: [],
    ...over,
  });

async function render(over: Partial<Watched>, signal = new AbortController().signal) {
  const page = pageOf(over);
  return parseExposition(textOf(await page.render({ signal })));
}

const failing: ClusterInspector['snapshot'] = async () => {
  throw new Error('connection refused');
};
const hanging: ClusterInspector['snapshot'] = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

test.each([
  ['fails', failing],
  ['hangs until the deadline', hanging],
])('a cluster that %s has success 0 and no series, while hosts stay fresh', async (_how, snapshot) => {
  const deadline = new AbortController();
  const page = render(
    { clusters: [{ name: 'lab', kind: 'kafka', inspector: inspectorOf(snapshot) }] },
    deadline.signal,
  );
  await new Promise(setImmediate);
  deadline.abort(new Error('deadline'));
  const { samples } = await page;
  expect(samples.get('plimsoll_cluster_up{cluster="lab"}')).toBe('0');
  expect(samples.get('plimsoll_scrape_collector_success{cluster="lab",collector="offsets"}')).toBe('0');
  expect([...samples.keys()].filter((key) => key.startsWith('kafka_'))).toEqual([]);
  expect(samples.get('plimsoll_host_up{host="broker-1"}')).toBe('1');
  expect(samples.get('node_load1{host="broker-1"}')).toBe('1');
});

test('a failing cluster does not affect another one', async () => {
  const { samples } = await render({
    clusters: [
      { name: 'down', kind: 'kafka', inspector: inspectorOf(failing) },
      { name: 'lab', kind: 'kafka', inspector: inspectorOf(async () => troubledSnapshot) },
    ],
  });
  expect(samples.get('kafka_brokers{cluster="lab"}')).toBe('2');
  expect(samples.has('kafka_brokers{cluster="down"}')).toBe(false);
});

test('a cluster is up if a broker responds, and not if only a name server or agent does', async () => {
  const fresh = { kind: 'fresh', durationSeconds: 0.01, ageSeconds: 0 } as const;
  const told: Section[] = [
    { section: 'name-server', broker: '127.0.0.1:9876', ...fresh },
    { section: 'native-metrics', broker: 'a:0', ...fresh },
    { section: 'commits', broker: 'a:0', kind: 'kept', durationSeconds: 0.01, ageSeconds: 15 },
    { section: 'topics', broker: 'a:0', kind: 'fresh', ageSeconds: 15 },
  ];
  const upOf = async (sections: readonly Section[]) => {
    const inspector = inspectorOf(async () => ({ ...troubledSnapshot, sections }));
    const { samples } = await render({ clusters: [{ name: 'lab', kind: 'rocketmq', inspector }] });
    return samples.get('plimsoll_cluster_up{cluster="lab"}');
  };
  expect(await upOf(told)).toBe('0');
  expect(await upOf([...told, { section: 'runtime', broker: 'a:1', ...fresh }])).toBe('1');
});

test('a cluster that is down stays down while its name servers fail too, until a broker responds', async () => {
  const fail = (code: FaultCode) => () => Promise.reject(new AppError(code, 'no answer'));
  const silent: Section = {
    section: 'runtime',
    broker: 'a:0',
    kind: 'missing',
    durationSeconds: 1,
    reason: 'connection refused',
    isUnreachable: true,
  };
  // Like the RocketMQ inspector: it keeps the broker list for five minutes, and then has no broker to query.
  const brokersSilent = async () => ({ ...troubledSnapshot, sections: [silent] });
  const nameServersSilent = fail('name-servers-unreachable');
  const steps: [ClusterInspector['snapshot'], string | undefined][] = [
    [nameServersSilent, undefined],
    [brokersSilent, '1'],
    [nameServersSilent, '1'],
    [nameServersSilent, '1'],
    [async () => troubledSnapshot, '0'],
    [nameServersSilent, undefined],
    [fail('broker-unreachable'), '1'],
    [nameServersSilent, '1'],
    [fail('credentials-refused'), undefined],
    [nameServersSilent, undefined],
  ];
  const answers = steps.map(([answer]) => answer);
  const inspector = inspectorOf((io) => (answers.shift() ?? failing)(io));
  const page = pageOf({ clusters: [{ name: 'lab', kind: 'rocketmq', inspector }], hosts: [] });
  const down: (string | undefined)[] = [];
  for (let step = 0; step < steps.length; step++) {
    const { samples } = parseExposition(textOf(await page.render({ signal: new AbortController().signal })));
    down.push(samples.get('plimsoll_cluster_down{cluster="lab",kind="rocketmq"}'));
  }
  expect(down).toEqual(steps.map(([, expected]) => expected));
});

test('configured clusters do not wait for the discovery of others', async () => {
  const deadline = new AbortController();
  const inspector = inspectorOf(async () => troubledSnapshot);
  const { samples } = await render(
    {
      clusters: [{ name: 'lab', kind: 'kafka', inspector }],
      async discover({ signal }) {
        setImmediate(() => deadline.abort());
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return [];
      },
    },
    deadline.signal,
  );
  expect(samples.get('plimsoll_cluster_up{cluster="lab"}')).toBe('1');
});

test('a collector that fails midway exports none of its lines, and the others are exported', async () => {
  const registry: CollectorRegistry = {
    ...collectors,
    brokers: {
      ...collectors.brokers,
      collect: () => ({
        kind: 'ok' as const,
        measurements: (function* () {
          yield { metric: 'kafka_brokers', labels: [], value: 1 };
          throw new Error('half way');
        })(),
      }),
    },
  };
  const { samples } = await render({ registry });
  expect(samples.has('kafka_brokers{cluster="lab"}')).toBe(false);
  expect(samples.get('plimsoll_scrape_collector_success{cluster="lab",collector="brokers"}')).toBe('0');
  expect(samples.get('plimsoll_scrape_collector_success{cluster="lab",collector="offsets"}')).toBe('1');
});

test('a host that cannot be described still has its counters', async () => {
  const probe: HostProbe = {
    ...healthyProbe,
    describe: async () => {
      throw new Error('lsblk hangs');
    },
  };
  const { samples } = await render({ hosts: [{ name: 'broker-1', probe }] });
  expect(samples.get('node_load1{host="broker-1"}')).toBe('1');
  expect(samples.get('plimsoll_scrape_collector_success{collector="netclass",host="broker-1"}')).toBe('0');
});

test('with two scrapers, a ratio covers the scrape interval and not the second between them', async () => {
  const clock = createHandClock();
  const idleModes = { nice: 0, system: 0, iowait: 0, irq: 0, softirq: 0, steal: 0 };
  // Idle in the first second of each quarter of a minute, and busy in the rest.
  const busySeconds = (at: number) => Math.floor(at / 15) * 14 + Math.max(0, (at % 15) - 1);
  const probe: HostProbe = {
    ...healthyProbe,
    async sample() {
      const at = clock.monotonic();
      return { cpus: [{ ...idleModes, user: busySeconds(at), idle: at - busySeconds(at) }] };
    },
  };
  const page = pageOf({ clusters: [], hosts: [{ name: 'broker-1', probe }], clock });
  const ratios: number[] = [];
  for (const pause of [0, 1, 14, 1, 14, 1]) {
    clock.advance(pause);
    const { samples } = parseExposition(textOf(await page.render({ signal: new AbortController().signal })));
    ratios.push(Number(samples.get('plimsoll_host_hottest_core_ratio{host="broker-1"}')));
  }
  // At 15, 16, 30 and 31 s.
  expect(ratios.slice(2)).toEqual([1, 14 / 15, 1, 14 / 15]);
});

test('a section that could not be read has success 0', async () => {
  const { samples } = await render({});
  expect(samples.get('plimsoll_scrape_collector_success{collector="loadavg",host="broker-1"}')).toBe('1');
  expect(samples.get('plimsoll_scrape_collector_success{collector="cpu",host="broker-1"}')).toBe('0');
});

test('a section that node_exporter never has is no failure, while an unread section of a slow host is', async () => {
  const page = parsePage('node_exporter_build_info 1\nnode_load1 1\nnode_load5 2\nnode_load15 3\n');
  if (page === undefined) throw new Error('not a page of a node_exporter');
  const succeeded = async (reading: HostReading) => {
    const probe = { ...healthyProbe, sample: async () => reading };
    const { samples } = await render({ hosts: [{ name: 'broker-1', probe }] });
    return (collector: string) =>
      samples.get(`plimsoll_scrape_collector_success{collector="${collector}",host="broker-1"}`);
  };
  const exported = await succeeded(readingOf(page));
  expect(exported('loadavg')).toBe('1');
  const never = ['bursts', 'gc-logs', 'memory-settings', 'pressure', 'process-cgroups', 'processes'];
  expect(never.map(exported)).toEqual(never.map(() => undefined));
  const slow = await succeeded({ ...readingOf(page), unread: { processes: 'it took 2 s longer than the rest' } });
  expect([slow('processes'), slow('process-cgroups'), slow('gc-logs')]).toEqual(['0', '0', '0']);
});

test('each section of a cluster has success, age and duration, and a deferred one is no failure', async () => {
  const { samples } = await render({});
  const part = (metric: string, section: string, broker: string) =>
    samples.get(`plimsoll_scrape_section_${metric}{broker="${broker}",cluster="lab",section="${section}"}`);
  expect(part('success', 'offsets', '1')).toBe('1');
  expect([part('success', 'offsets', '2'), part('age_seconds', 'offsets', '2')]).toEqual(['0', undefined]);
  expect([part('success', 'log-dirs', '1'), part('age_seconds', 'log-dirs', '1')]).toEqual(['0', '60']);
  expect([part('success', 'configs', ''), part('skipped', 'configs', '')]).toEqual([undefined, '1']);
  const counts = ['fresh', 'kept', 'missing', 'skipped'].map((state) =>
    samples.get(`plimsoll_scrape_sections{cluster="lab",state="${state}"}`),
  );
  expect(counts).toEqual(['5', '1', '1', '1']);
});

test('requests to a cluster are counted across scrapes', async () => {
  const page = pageOf({});
  const io = { signal: new AbortController().signal };
  await page.render(io);
  const { samples } = parseExposition(textOf(await page.render(io)));
  expect(samples.get('plimsoll_cluster_requests_total{api="ListOffsets",cluster="lab"}')).toBe('8');
});

test('a failure is logged once while it lasts, and once when it ends', async () => {
  const told: string[] = [];
  const log = createLogger('info', { write: (line) => void told.push((JSON.parse(line) as { msg: string }).msg) });
  const answers = [failing, failing, async () => wholeSnapshot, failing];
  const inspector = inspectorOf((io) => (answers.shift() ?? failing)(io));
  const page = pageOf({ clusters: [{ name: 'lab', kind: 'kafka', inspector }], hosts: [], log });
  for (let scrape = 0; scrape < 4; scrape++) await page.render({ signal: new AbortController().signal });
  const down = 'cannot read, its series are missing from the page';
  expect(told).toEqual([down, 'the problem is no longer observed', down]);
});

test('a failure that changes its cause is logged with the new cause, once', async () => {
  const told: unknown[] = [];
  const log = createLogger('warn', {
    write: (line) => void told.push((JSON.parse(line) as { code?: string }).code),
  });
  const fail = (code: FaultCode) => () => Promise.reject(new AppError(code, 'cannot read'));
  const [late, changed] = [fail('host-hung'), fail('host-key-changed')];
  const answers = [late, changed, late, changed];
  const inspector = inspectorOf(() => (answers.shift() ?? late)());
  const page = pageOf({ clusters: [{ name: 'lab', kind: 'kafka', inspector }], hosts: [], log });
  for (let scrape = 0; scrape < 4; scrape++) await page.render({ signal: new AbortController().signal });
  expect(told).toEqual(['host-hung', 'host-key-changed']);
});

test('a failure of a section is logged with a hint', async () => {
  const told: unknown[] = [];
  const log = createLogger('warn', { write: (line) => void told.push(JSON.parse(line)) });
  const commits = {
    section: 'commits',
    broker: 'a:0',
    kind: 'missing',
    reason: 'refused',
    hint: 'check the key',
  } as const;
  const inspector = inspectorOf(async () => ({ ...wholeSnapshot, sections: [commits] }));
  await render({ clusters: [{ name: 'lab', kind: 'kafka', inspector }], hosts: [], log });
  expect(told).toMatchObject([{ section: 'commits', broker: 'a:0', reason: 'refused', hint: 'check the key' }]);
});

test('only the chosen collectors run', async () => {
  const chosen = new Set(['brokers']);
  const inspector = inspectorOf(async () => wholeSnapshot);
  const page = pageOf({ clusters: [{ name: 'lab', kind: 'kafka', inspector, chosen }], hosts: [] });
  await page.render({ signal: new AbortController().signal });
  expect(page.states()[0]?.collectors.map(({ name }) => name)).toEqual(['brokers']);
});

test('what was read of a cluster by the deadline is exported', async () => {
  const atDeadline: ClusterInspector['snapshot'] = ({ signal }) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(troubledSnapshot)));
  const deadline = new AbortController();
  const page = render(
    { clusters: [{ name: 'lab', kind: 'kafka', inspector: inspectorOf(atDeadline) }] },
    deadline.signal,
  );
  await new Promise(setImmediate);
  deadline.abort(new Error('deadline'));
  expect((await page).samples.get('kafka_brokers{cluster="lab"}')).toBe('2');
});

test('a denied topic has no series, nor has a deleted topic that an old reading still contains', async () => {
  const { topics } = troubledSnapshot;
  const deleted = { ...troubledSnapshot, topics: topics.filter(({ name }) => name !== 'payments') };
  const shown = { topics: { deny: [] }, groups: { deny: ['idle'] } };
  const { samples } = await render({
    clusters: [{ name: 'lab', kind: 'kafka', inspector: inspectorOf(async () => deleted), shown }],
  });
  const keys = [...samples.keys()];
  expect(keys.filter((key) => /topic="payments"|consumergroup="idle"/.test(key))).toEqual([]);
  expect(keys.some((key) => key.includes('topic="orders"'))).toBe(true);
});

test('concurrent scrapes cause one snapshot of the cluster', async () => {
  let asked = 0;
  const inspector = inspectorOf(async () => {
    asked++;
    await new Promise(setImmediate);
    return troubledSnapshot;
  });
  const page = pageOf({ clusters: [{ name: 'lab', kind: 'kafka', inspector }], hosts: [] });
  const io = { signal: new AbortController().signal };
  await Promise.all([page.render(io), page.render(io), page.render(io)]);
  expect(asked).toBe(1);
});

test('process metrics are on the same page, with the standard client names', async () => {
  const page = createMetricsPage({ clusters: [], hosts: [], clock: stoppedClock, log: createLogger('silent') });
  const text = textOf(await page.render({ signal: new AbortController().signal }));
  expect(text).toMatch(/^process_cpu_seconds_total /m);
  expect(text).toMatch(/^plimsoll_build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
});

/** Names that promtool complains about but that others chose: kafka_exporter's sums, node_exporter's memory and protocol fields. */
const names =
  /^(kafka_consumergroup_\w+_sum non-histogram|node_(memory|netstat)_\w+ metric names should be written in 'snake_case')/;

requires('promtool').test('promtool reports only names that other exporters chose', async () => {
  const process = createMetricsPage({ clusters: [], hosts: [], clock: stoppedClock, log: createLogger('silent') });
  const page = (await renderGoldenPage()) + textOf(await process.render({ signal: new AbortController().signal }));
  const { stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
  const findings = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !names.test(line));
  expect(findings).toEqual([]);
});

test('a program error is logged as an error, and not as a missing response', async () => {
  const reported: { reason?: string; err?: { message: string } }[] = [];
  const log = createLogger('info', { write: (line) => void reported.push(JSON.parse(line) as object) });
  const broken = inspectorOf(async () => ({ ...troubledSnapshot, sections: undefined as never }));
  const page = pageOf({ clusters: [{ name: 'lab', kind: 'kafka', inspector: broken }], log });
  await page.render({ signal: new AbortController().signal });
  expect(page.states().find(({ name }) => name === 'lab')?.reason).toMatch(/undefined/);
  expect(reported.map(({ err }) => err?.message)).toContainEqual(expect.stringMatching(/undefined/));
});

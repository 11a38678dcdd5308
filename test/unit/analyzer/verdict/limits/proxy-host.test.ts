// Checks that a proxy with host metrics is named as the limit, and that one without host metrics may be any limit.

import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import type { HostInterval, HostSeries, LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

const analyse = (run: LoadTestRun) => Analysis.parse(analyzeRun(run, examplePolicy()));
const host = 'gateway';
const node = `proxy ${host}`;

/** 1,000 to 6,000 msg/s, of which at most 5,000 pass; network interface and CPU of the broker have capacity left. */
const stopped = () =>
  plainRun({ rates: [1000, 3000, 4500, 6000], linkBytesPerSecond: 1e9, carried: (rate) => Math.min(1, 5000 / rate) });

/** A load test through a proxy, with the hosts that were configured for the proxy. */
const proxied = (run: LoadTestRun, proxyHosts?: string[]): LoadTestRun => ({
  ...run,
  document: {
    ...run.document,
    broker: 'rocketmq',
    proxy: '10.0.0.20:8081',
    environment: { ...run.document.environment, ...(proxyHosts && { proxyHosts }) },
  },
});

/** Adds the host of the proxy, with the changed intervals of the broker. */
function withGateway(change: (interval: HostInterval, tps: number) => HostInterval, of: Partial<HostSeries> = {}) {
  const run = proxied(stopped(), [host]);
  const tpsAt = new Map(run.produced.map(({ from, acknowledged }) => [from, acknowledged]));
  const { hosts } = withIntervals(run, (interval) => change(interval, tpsAt.get(interval.from) ?? 0), host);
  const gateway = hosts.get(host);
  if (gateway === undefined) throw new Error('no gateway');
  const networkDevices = [{ device: 'eth0', speed: { bitsPerSecond: 50e6, source: 'stated' } }];
  const inventory = { host, cores: 4, networkDevices };
  return { ...run, hosts: new Map([...hosts, [host, { ...gateway, inventory, ...of }]]) };
}

/** Each message passes the card of a proxy twice in each direction: 5,000 msg/s saturate 50 Mbit/s. */
const fullCard = (interval: HostInterval, tps: number): HostInterval => ({
  ...interval,
  network: [{ device: 'eth0', inBytesPerSecond: 1250 * tps, outBytesPerSecond: 1200 * tps }],
});
const fullCores = (interval: HostInterval, tps: number): HostInterval => ({
  ...interval,
  ...(interval.cpu && { cpu: { ...interval.cpu, busyCores: 3.92 * (tps / 5000) } }),
});

test.each([
  ['card', fullCard, 'network-in'],
  ['cores', fullCores, 'cpu'],
] as const)('a proxy with saturated %s is the limit', (_, change, resource) => {
  const { steps, saturationTps, safeMaxTps, findings } = analyse(withGateway(change));
  const limit = { resource, node };
  expect(steps.at(-1)?.verdict).toEqual({ kind: 'saturated', bottleneck: limit });
  expect(saturationTps).toMatchObject({ kind: 'confirmed', limitedBy: limit });
  expect(safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: limit });
  expect(findings.filter(({ message }) => message.startsWith('Proxy host not monitored'))).toEqual([]);
});

test('a proxy with spare capacity is not a suspect', () => {
  const { saturationTps } = analyse(withGateway((interval) => interval));
  expect(saturationTps).toMatchObject({ kind: 'at-least', reason: 'limit-cause-unknown' });
  expect(JSON.stringify(saturationTps)).not.toContain('proxy');
});

test('a proxy on the host of a broker has no separate CPU resource', () => {
  const cpuOrigin = { idleSeconds: 1e6, allSeconds: 2e6 };
  const run = withGateway(fullCores, { cpuOrigin });
  const broker = run.hosts.get('broker-1');
  if (broker === undefined) throw new Error('no broker-1');
  const { resources } = analyse({ ...run, hosts: new Map([...run.hosts, ['broker-1', { ...broker, cpuOrigin }]]) });
  const ofProxy = resources.filter((each) => each.node === node).map(({ resource }) => resource);
  expect(ofProxy.toSorted()).toEqual(['network-in', 'network-out']);
});

test.each([
  ['was not configured', undefined, 'proxy', 'Proxy host not monitored: '],
  ['was not read', [host], node, 'Proxy host not monitored on gateway: '],
])('a proxy whose host %s is the first suspect', (_, hosts, suspect, message) => {
  const { saturationTps, findings } = analyse(proxied(stopped(), hosts));
  expect(saturationTps).toMatchObject({
    kind: 'at-least',
    reason: 'limit-cause-unknown',
    ceiling: { suspects: [{ resource: 'cpu', node: suspect }, { resource: 'network-out', node: suspect }, {}, {}] },
  });
  expect(findings.find(({ code }) => code === 'limit-cause-unknown')?.message).toContain(`CPU of ${suspect}`);
  expect(findings.filter((each) => each.message.startsWith(message))).toHaveLength(1);
});

test('a configured proxy host with failed readings has no advice to add it', () => {
  const { findings } = analyse({ ...proxied(stopped(), [host]), failedSources: new Set([`host ${host}`]) });
  const messages = findings.flatMap(({ message }) => (message.startsWith('Proxy host not') ? message : []));
  expect(messages).toEqual([expect.stringContaining('Monitoring is configured, but readings failed')]);
});

/** The group reads at most 4,500 msg/s; the producers are not limited. */
function lagging({ processing }: { processing?: number } = {}): LoadTestRun {
  const run = plainRun({ rates: [1000, 2000, 3000, 4000, 5000, 6000], linkBytesPerSecond: 1e9 });
  const group = 'billing';
  let messagesBehind = 0;
  const seconds = run.produced.map(({ from, to, acknowledged }) => {
    const messages = Math.min(acknowledged + messagesBehind, 4500);
    messagesBehind += acknowledged - messages;
    return { from, to, messages, behind: messagesBehind };
  });
  const groupProcessing = processing === undefined ? [] : [{ group, secondsPerMessage: processing }];
  return {
    ...run,
    document: { ...run.document, workload: { ...run.document.workload, groups: 1, partitions: 8, groupProcessing } },
    consumed: seconds.map(({ from, to, messages }) => ({
      from,
      to,
      worker: 'consumer-0',
      group,
      messages,
      eventLoopUtilisation: 0.1,
      cpuSeconds: 0.1,
    })),
    lag: seconds.map(({ to, behind }) => ({ elapsedSeconds: to, group, messages: behind })),
  };
}

const ofGroup = { slo: 'consumer-lag', group: 'billing' };

test('consumer lag of a group is the limit without a proxy between the group and the brokers', () => {
  expect(analyse(lagging()).safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: ofGroup });
});

test('consumer lag without any host metrics leaves the safe maximum unknown and host metrics missing', () => {
  const { safeMaxTps, steps } = analyse({ ...lagging(), hosts: new Map() });
  expect(steps[0]?.verdict.kind).toBe('sustained');
  const missing = [{ what: 'host metrics of the brokers', node: 'cluster' }];
  expect(safeMaxTps).toEqual({ kind: 'unknown', missing });
});

test('consumer lag with an unmonitored broker warns that the limit may be on that broker', () => {
  const run = lagging();
  const { environment } = run.document;
  const another = { id: '2', address: '127.0.0.1:9093', host: 'broker-2' };
  const brokers = [...environment.brokers, another];
  const document = { ...run.document, environment: { ...environment, brokers } };
  const { safeMaxTps, findings } = analyse({ ...run, document });
  expect(safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: ofGroup });
  expect(findings.find(({ code }) => code === 'host-unknown')).toMatchObject({
    severity: 'warning',
    message: expect.stringContaining(
      'broker 2, so a limit there cannot be detected. That limit is possibly below the rate at which group billing falls behind',
    ) as string,
  });
});

test.each([
  ['was not configured', undefined, 'proxy'],
  ['was not read', [host], node],
])('consumer lag is not named as the limit behind a proxy whose host %s', (_, hosts, suspect) => {
  const { steps, safeMaxTps, saturationTps, findings } = analyse(proxied(lagging(), hosts));
  expect(steps.at(-1)?.verdict).toEqual({ kind: 'saturated' });
  const open = { kind: 'at-least', tps: 4000, reason: 'limit-cause-unknown' };
  // Producers achieved 6,000 msg/s, the group 4,500.
  const ceiling = {
    tps: expect.closeTo(4500, 0) as number,
    suspects: [{ resource: 'cpu', node: suspect }, {}, {}, {}],
  };
  expect(safeMaxTps).toMatchObject({ ...open, ceiling });
  expect(saturationTps).toMatchObject({ ...open, ceiling });
  const missing = findings.find(({ message }) => message.startsWith('Proxy host not monitored'));
  expect(missing).toMatchObject({ severity: 'warning', message: expect.stringContaining('`proxy.hosts`') as string });
});

test('consumer lag is the limit behind a proxy with spare capacity', () => {
  const run = lagging();
  const broker = run.hosts.get('broker-1');
  if (broker === undefined) throw new Error('no broker-1');
  const gateway = proxied({ ...run, hosts: new Map([...run.hosts, [host, { ...broker, host }]]) }, [host]);
  expect(analyse(gateway).safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: ofGroup });
});

test('the processing time of a group explains its lag, even behind a proxy', () => {
  const run = proxied(lagging({ processing: 8 / 4500 }));
  expect(analyse(run).steps.at(-1)?.verdict).toEqual({ kind: 'saturated', bottleneck: ofGroup });
});

test('no rate above the achieved rate is predicted behind a proxy without host metrics', () => {
  // The card of the broker saturates at 10,400 msg/s.
  const run = () => plainRun({ rates: [2000, 3000, 4000, 5000, 6000] });
  expect(analyse({ ...run(), document: { ...run().document, broker: 'rocketmq' } }).safeMaxTps).toMatchObject({
    kind: 'predicted',
    limitedBy: { resource: 'network-in' },
  });
  const open = { kind: 'at-least', reason: 'no-limit-reached', tps: 6000 };
  expect(analyse(proxied(run())).safeMaxTps).toMatchObject(open);
  expect(analyse(proxied(run())).saturationTps).toMatchObject(open);
});

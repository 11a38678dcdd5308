// Checks that a proxy whose host was read is named as the limit, and suspected where it was not.

import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import type { HostInterval, HostSeries, LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

const analyse = (run: LoadTestRun) => Analysis.parse(analyzeRun(run, examplePolicy()));
const host = 'gateway';
const node = `proxy ${host}`;

/** 1,000 to 6,000 msg/s, of which 5,000 come through; the card and the cores of the broker have room. */
const stopped = () =>
  plainRun({ rates: [1000, 3000, 4500, 6000], linkBytesPerSecond: 1e9, carried: (rate) => Math.min(1, 5000 / rate) });

/** A load that went through a proxy, on hosts that were configured for it. */
const proxied = (run: LoadTestRun, proxyHosts?: string[]): LoadTestRun => ({
  ...run,
  document: {
    ...run.document,
    broker: 'rocketmq',
    proxy: '10.0.0.20:8081',
    environment: { ...run.document.environment, ...(proxyHosts && { proxyHosts }) },
  },
});

/** The host of the proxy, with the intervals of the broker changed. */
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

/** Each message passes the card of a proxy twice in each direction: 5,000 msg/s fill 50 Mbit/s. */
const fullCard = (interval: HostInterval, tps: number): HostInterval => ({
  ...interval,
  network: [{ device: 'eth0', inBytesPerSecond: 1250 * tps, outBytesPerSecond: 1200 * tps, drops: 0 }],
});
const fullCores = (interval: HostInterval, tps: number): HostInterval => ({
  ...interval,
  ...(interval.cpu && { cpu: { ...interval.cpu, busyCores: 3.92 * (tps / 5000) } }),
});

test.each([
  ['card', fullCard, 'network-in'],
  ['cores', fullCores, 'cpu'],
] as const)('a proxy whose %s are full is the limit', (_, change, resource) => {
  const { steps, saturationTps, safeMaxTps, findings } = analyse(withGateway(change));
  const limit = { resource, node };
  expect(steps.at(-1)?.verdict).toEqual({ kind: 'saturated', bottleneck: limit });
  expect(saturationTps).toMatchObject({ kind: 'confirmed', limitedBy: limit });
  expect(safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: limit });
  expect(findings.filter(({ message }) => message.startsWith('Proxy host not monitored'))).toEqual([]);
});

test('a proxy with room is no suspect', () => {
  const { saturationTps } = analyse(withGateway((interval) => interval));
  expect(saturationTps).toMatchObject({ kind: 'at-least', reason: 'limit-cause-unknown' });
  expect(JSON.stringify(saturationTps)).not.toContain('proxy');
});

test('a proxy on the host of the broker shares its cores', () => {
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

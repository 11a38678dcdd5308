import { expect, test } from 'vitest';
import type { Collector, HostCollector } from '../../../../exporter/collector.ts';
import { cpu } from '../../../../exporter/collectors/hosts/cpu.ts';
import { netclass } from '../../../../exporter/collectors/hosts/netclass.ts';
import { collectors } from '../../../../exporter/registry.ts';

const inventory = { host: 'broker-1' };
const times = { user: 1, nice: 0, system: 0, idle: 0, iowait: 0, irq: 0, softirq: 0, steal: 0 };

const hostCollectors = Object.entries(collectors as Readonly<Record<string, Collector>>).filter(
  (entry): entry is [string, HostCollector] => entry[1].of === 'host',
);

/** @returns labels and value of each measurement */
function measure(collector: HostCollector, context: Partial<Parameters<HostCollector['collect']>[0]>) {
  const collection = collector.collect({ reading: {}, inventory, ...context });
  if (collection.kind !== 'ok') throw new Error(collection.reason);
  return [...collection.measurements].map(({ labels, value }) => [...labels, value]);
}

/** Sections that some sources never have: another machine, a node_exporter, an old kernel. */
const unsupported = new Set(['bursts', 'gc-logs', 'memory-settings', 'pressure', 'process-cgroups', 'processes']);

test.each(hostCollectors)('%s reports that its section could not be read, and exports no values', (name, collector) =>
  expect(collector.collect({ reading: {}, inventory }).kind).toBe(unsupported.has(name) ? 'unsupported' : 'no-data'),
);

test.each(hostCollectors.filter(([name]) => ['processes', 'process-cgroups', 'gc-logs'].includes(name)))(
  '%s of a slow host fails until its section was read',
  (_, collector) => {
    const reason = 'it took 2 s longer than the rest';
    const reading = { unread: { processes: reason } };
    expect(collector.collect({ reading, inventory })).toEqual({ kind: 'no-data', reason });
  },
);

test('a CPU core keeps its number while others are offline', () => {
  const busy = measure(cpu, { reading: { cpus: [times, { cpu: 2, ...times }] } }).filter(([, mode]) => mode === 'user');
  expect(busy).toEqual([
    ['0', 'user', 1],
    ['2', 'user', 1],
  ]);
});

test('an unknown speed or state of a link has no series', () =>
  expect(measure(netclass, { reading: { links: [{ device: 'eth0', words: {}, numbers: {} }] } })).toEqual([]));

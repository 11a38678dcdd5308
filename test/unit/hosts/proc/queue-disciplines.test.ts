// Checks that queues of network cards are read from what tc(8) printed of a lab whose card was full.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { namespaceOf } from '../../../../hosts/linux/roots.ts';
import { createLinuxSampler } from '../../../../hosts/linux/probe.ts';
import type { HostFiles } from '../../../../hosts/host-files.ts';
import { parseQueueDisciplines } from '../../../../hosts/proc/queue-disciplines.ts';

const printed = readFileSync(new URL('../../../fixtures/hosts/linux/tc-qdisc.json', import.meta.url), 'utf8');
const roots = { procfs: '/proc', sysfs: '/sys', rootfs: '/', net: '/proc/7/net', isNetOfSysfs: false };

test('returns the root queue of each card with its backlog', () => {
  expect(parseQueueDisciplines(printed)).toEqual([
    { device: 'lo', kind: 'noqueue', backlogBytes: 0, drops: 0, overlimits: 0 },
    { device: 'eth0', kind: 'tbf', backlogBytes: 6188, drops: 0, overlimits: 444_195 },
  ]);
});

test('classes below a root are counted in the root', () => {
  const [, card] = JSON.parse(printed) as [object, object];
  expect(parseQueueDisciplines(JSON.stringify([{ ...card, root: undefined, parent: '1:1' }]))).toEqual([]);
});

test.each(['', 'qdisc noqueue 0: dev lo root refcnt 2\n', '{}'])('returns nothing for %j', (text) => {
  expect(parseQueueDisciplines(text)).toBeUndefined();
});

test('uses the network namespace of the folder from which cards are read', () => {
  expect(namespaceOf(roots)).toBe('/proc/7/ns/net');
  expect(namespaceOf({ ...roots, net: '/proc/net' })).toBeUndefined();
  expect(namespaceOf({ ...roots, procfs: '/host/proc', net: '/host/proc/net' })).toBe('/host/proc/1/ns/net');
});

test('queries a host without tc only once', async () => {
  const asked: (string | undefined)[] = [];
  const answers = [printed, undefined];
  const files = {
    readAll: async () => ({ texts: new Map([['/proc/loadavg', '0 0 0 1/1 1\n']]), failures: new Map() }),
    async readQueues(namespace: string | undefined) {
      asked.push(namespace);
      return answers.shift();
    },
  } as unknown as HostFiles;
  const sample = createLinuxSampler('h', files, roots);
  const io = { signal: new AbortController().signal };
  const wanted = new Set(['load', 'queues'] as const);
  expect((await sample(wanted, io)).queues).toHaveLength(2);
  expect(await sample(wanted, io)).not.toHaveProperty('queues');
  expect(await sample(wanted, io)).not.toHaveProperty('queues');
  expect(asked).toEqual(['/proc/7/ns/net', '/proc/7/ns/net']);
});

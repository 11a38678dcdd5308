// Checks the read order of a host, and a host whose processes cannot be read in time.

import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LocalHost } from '../../../../hosts/config.ts';
import { openLocalFiles } from '../../../../hosts/files/local.ts';
import { watchLinux } from '../../../../hosts/linux/probe.ts';
import { recordedRoots } from '../../../support/golden-metrics-page.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';

const io = { signal: new AbortController().signal };
const wanted = new Set(['load', 'processes'] as const);
const config = LocalHost.parse({ probe: 'local', ...recordedRoots });

test('late processes are absent with a reason, and returned in the next reading', async () => {
  const clock = createSteppedClock();
  const local = openLocalFiles();
  const held = Promise.withResolvers<void>();
  const restIsRead = Promise.withResolvers<void>();
  const files = {
    ...local,
    async listAll(...question: Parameters<typeof local.listAll>) {
      await held.promise;
      return local.listAll(...question);
    },
    readAll(...question: Parameters<typeof local.readAll>) {
      return local.readAll(...question).finally(restIsRead.resolve);
    },
  };
  await using probe = watchLinux('broker-1', config, files, { clock });

  const first = probe.sample(wanted, io);
  await restIsRead.promise;
  await clock.advance(2);
  expect(await first).toEqual({
    load: expect.anything(),
    unread: { processes: expect.stringContaining('longer than the rest') },
  });

  held.resolve();
  const second = await probe.sample(wanted, io);
  expect(second.load).toBeDefined();
  expect(second.processes).toMatchObject([{ name: 'rocketmq-broker', state: 'running' }]);
});

test('unreadable processes give their reason, and the rest is returned', async () => {
  const local = openLocalFiles();
  const files = { ...local, listAll: () => Promise.reject(new Error('the channel was refused')) };
  await using probe = watchLinux('broker-1', config, files, {});
  expect(await probe.sample(wanted, io)).toEqual({
    load: expect.anything(),
    unread: { processes: 'the channel was refused' },
  });
});

test('reads growing counters last, so that the time of the caller matches them', async () => {
  const local = openLocalFiles();
  const order: string[] = [];
  const files = {
    ...local,
    async readQueues() {
      await setImmediate();
      order.push('queues');
      return undefined;
    },
    readAll(...question: Parameters<typeof local.readAll>) {
      order.push('files');
      return local.readAll(...question);
    },
  };
  await using probe = watchLinux('broker-1', config, files, {});
  await probe.sample(new Set(['load', 'queues']), io);
  expect(order).toEqual(['queues', 'files']);
});

import { expect, test } from 'vitest';
import { readMachine } from '../../../../app/observe/machine-reading.ts';
import { LocalHost } from '../../../../hosts/config.ts';
import { openLocalFiles } from '../../../../hosts/files/local.ts';
import { watchLinux } from '../../../../hosts/linux/probe.ts';
import { recordedRoots } from '../../../support/golden-metrics-page.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';

const io = { signal: new AbortController().signal };
const config = LocalHost.parse({ probe: 'local', ...recordedRoots });

/** Reads a machine whose processes are listed once its nth reading begins. */
async function readSlow(releasedAt: number) {
  const clock = createSteppedClock();
  const local = openLocalFiles();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const files = {
    ...local,
    async listAll(...[folders, options]: Parameters<typeof local.listAll>) {
      if (folders.includes(recordedRoots.procfs)) await released;
      return local.listAll(folders, options);
    },
  };
  await using watched = watchLinux('broker-1', config, files, { clock });
  let readings = 0;
  const probe: typeof watched = {
    ...watched,
    sample(...question) {
      readings += 1;
      if (readings === releasedAt) release();
      return watched.sample(...question);
    },
  };
  let isRead = false;
  const reading = readMachine(probe, clock, io).finally(() => (isRead = true));
  while (!isRead) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (readings < releasedAt) await clock.advance(1);
  }
  release();
  return { ...(await reading), readings };
}

test('reads processes again if they took longer than the rest, and the age is that of the last reading', async () => {
  const { reading, requestedAt, readings } = await readSlow(2);
  expect(reading.processes).toMatchObject([{ name: 'rocketmq-broker', state: 'running' }]);
  expect(requestedAt).toBeGreaterThan(0);
  expect(readings).toBe(2);
});

test('processes that stay late are absent, with the reason', async () => {
  const { reading, readings } = await readSlow(9);
  expect(reading.processes).toBeUndefined();
  expect(reading.unread?.['processes']).toContain('longer than the rest');
  expect(readings).toBe(3);
});

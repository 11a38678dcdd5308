import { expect, test } from 'vitest';
import { parseKernelActivity, parseStat } from '../../../../hosts/proc/stat.ts';

const total = 'cpu  5254 0 3348 169216 846 0 73 10 0 0\n';

test('converts ticks of each core to seconds', () =>
  expect(parseStat(`${total}cpu0 2194 3 1330 85764 42 5 14 1 99 0\n`)).toEqual([
    {
      user: 21.94,
      nice: 0.03,
      system: 13.3,
      idle: 857.64,
      iowait: 0.42,
      irq: 0.05,
      softirq: 0.14,
      steal: 0.01,
      guest: 0.99,
      guestNice: 0,
    },
  ]));

test('leaves out the sum of all cores and all other lines', () =>
  expect(parseStat(`${total}intr 381814 0\nctxt 897707\nbtime 1795162422\n`)).toEqual([]));

test('states the number of a core only if cores before it are offline', () =>
  expect(parseStat('cpu0 1 1 1 1 1 1 1 1\ncpu2 1 1 1 1 1 1 1 1\n').map(({ cpu }) => cpu)).toEqual([undefined, 2]));

test('drops a truncated last line, because its last number is incomplete', () =>
  expect(parseStat('cpu0 1 1 1 1 1 1 1 1\ncpu1 1 1 1 1 1 1 1 1')).toHaveLength(1));

test('returns the available figures of the whole kernel', () => {
  const text = `${total}intr 2106277 0 9\nctxt 6140034\nbtime 1795181323\nprocesses 26737\nprocs_running 2\n`;
  expect(parseKernelActivity(text)).toEqual({
    interrupts: 2_106_277,
    contextSwitches: 6_140_034,
    bootTimeSeconds: 1_795_181_323,
    forks: 26_737,
    processesRunning: 2,
  });
  expect(parseKernelActivity(total)).toBeUndefined();
});

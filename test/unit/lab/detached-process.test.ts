import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { findMarked, spawnDetached, stopProcesses } from '../../../lab/detached-process.ts';

test.runIf(process.platform === 'linux')(
  'a process that was not recorded is found only by the id of its lab',
  async () => {
    const started = spawnDetached('sleep', ['600'], { labId: 'aaaa0001', cwd: tmpdir(), output: 'ignore' });
    try {
      expect(findMarked('aaaa0001')).toEqual([started]);
      expect(findMarked('aaaa000')).toEqual([]);
    } finally {
      await stopProcesses([started], systemClock);
    }
  },
);

test('a missing program is a failure to start', () => {
  expect(() => spawnDetached('/no/such/program', [], { labId: 'aaaa0002', cwd: tmpdir(), output: 'ignore' })).toThrow(
    expect.objectContaining({ code: 'lab-failed' }),
  );
});

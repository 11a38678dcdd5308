// Checks that every pause is counted once, for any change of the log files between readings.

import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGcLogTail, type GcLogTail } from '../../hosts/gc-tail/tail.ts';
import type { HostFiles } from '../../hosts/host-files.ts';
import { openFilesWithoutMounts } from '../support/files-without-mounts.ts';
import { createHandClock } from '../support/hand-clock.ts';
import { printedPauses } from '../truth/printed-pauses.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/gc-logs/${name}`, import.meta.url), 'latin1');
const logs = ['unified/17-g1-kafka.log', 'unified/21-generational-z.log', 'legacy/8-g1-kafka.log'].map(fixture);
const io = { signal: new AbortController().signal };

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('write' as const), bytes: fc.integer({ min: 200, max: 9000 }) }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'look' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'rotate' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'copy and truncate' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'kill' as const }) },
);

test.each(logs)('each pause of a log is reported exactly once', async (text) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), fc.boolean(), async (steps, hasInodes) => {
      const folder = mkdtempSync(join(tmpdir(), 'plimsoll-gc-tail-'));
      const log = join(folder, 'logs', 'gc.log');
      const tails = [open(folder, log, hasInodes)];
      let written = 0;
      let rotations = 0;
      const look = async () => (await tails.at(-1)?.sample([], io))?.[0];
      const write = (bytes: number) => {
        if (bytes <= 0) return;
        appendFileSync(log, text.slice(written, written + bytes), 'latin1');
        written += bytes;
      };
      try {
        mkdirSync(join(folder, 'logs'));
        await look();
        for (const each of steps) {
          if (each.kind === 'write') write(each.bytes);
          else if (each.kind === 'look') await look();
          else if (each.kind === 'kill') tails.push(open(folder, log, hasInodes));
          else if (existsSync(log)) {
            // JVMs complete the line first.
            write(text.indexOf('\n', written - 1) + 1 - written);
            const name = `${log}.${rotations++}`;
            if (each.kind === 'rotate') renameSync(log, name);
            else {
              copyFileSync(log, name);
              truncateSync(log);
            }
          }
        }
        write(text.length);
        const reading = await look();
        expect(reading?.trouble).toBeUndefined();
        const truth = printedPauses(text);
        const pauses = reading?.totals?.pauses ?? [];
        expect(pauses.reduce((sum, { histogram }) => sum + histogram.count, 0)).toBe(truth.length);
      } finally {
        for (const tail of tails) await tail[Symbol.asyncDispose]();
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 60 },
  );
});

function open(folder: string, log: string, hasInodes: boolean): GcLogTail {
  const local = openFilesWithoutMounts();
  const files: HostFiles = {
    ...local,
    async statAll(paths, use) {
      const stats = await local.statAll(paths, use);
      if (hasInodes) return stats;
      return new Map([...stats].map(([path, { sizeBytes, modifiedAtMs }]) => [path, { sizeBytes, modifiedAtMs }]));
    },
  };
  return createGcLogTail('host', files, {
    roots: { procfs: '/proc', rootfs: '/' },
    wanted: { broker: { files: log } },
    stateDirectory: join(folder, 'state'),
    clock: createHandClock(),
  });
}

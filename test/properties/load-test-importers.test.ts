import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinFiles } from '../../analyzer/evidence/importers/joined/joined-run.ts';
import { AppError } from '../../core/errors.ts';
import { nothingStated } from '../support/load-test-files.ts';

const folder = join(import.meta.dirname, '../fixtures/load-tests');
const files = readdirSync(folder)
  .filter((name) => name !== 'README.md')
  .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));

/** Overwrites bytes, deletes a range, and repeats a range. */
const damage = fc.record({
  file: fc.constantFrom(...files),
  writes: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
  cut: fc.tuple(fc.nat(), fc.nat({ max: 400 })),
  doubled: fc.tuple(fc.nat(), fc.nat({ max: 400 })),
});

function damaged({ file, writes, cut, doubled }: typeof damage extends fc.Arbitrary<infer T> ? T : never): Buffer {
  const bytes = Buffer.from(file.bytes);
  for (const [place, value] of writes) bytes[place % bytes.length] = value;
  const at = cut[0] % bytes.length;
  const shorter = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + cut[1])]);
  const again = doubled[0] % Math.max(1, shorter.length);
  return Buffer.concat([shorter.subarray(0, again + doubled[1]), shorter.subarray(again)]);
}

test('a damaged file is either rejected with a message and hint, or read with valid numbers', () => {
  fc.assert(
    fc.property(damage, (how) => {
      try {
        const run = joinFiles([{ name: how.file.name, bytes: damaged(how) }], nothingStated);
        for (const { from, to, acknowledged, intended, failed } of run.produced) {
          for (const value of [from, to, acknowledged, intended, failed]) expect(Number.isFinite(value)).toBe(true);
          expect(to).toBeGreaterThan(from);
          expect(acknowledged).toBeGreaterThanOrEqual(0);
        }
        for (const { from, to, messages } of run.consumed) {
          expect(to).toBeGreaterThan(from);
          expect(messages).toBeGreaterThanOrEqual(0);
        }
        for (const step of run.steps) expect(step.to).toBeGreaterThan(step.from);
      } catch (cause) {
        if (!(cause instanceof AppError)) throw cause;
        expect(cause.message).toContain(how.file.name);
        expect(cause.hint.length).toBeGreaterThan(10);
      }
    }),
    { numRuns: 400 },
  );
});

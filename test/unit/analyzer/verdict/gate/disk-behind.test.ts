import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

/** The card allows 8,300 msg/s; the disk writes the dirty pages of 500-byte messages as fast as it can. */
function writtenBack({ mostBytes, busy }: { mostBytes: number; busy?: number }) {
  const run = plainRun({ stepSeconds: 60 });
  let dirty = 0;
  const written = withIntervals(run, (interval) => {
    dirty += 517 * (run.produced[interval.from]?.acknowledged ?? 0);
    const writtenBytesPerSecond = Math.min(mostBytes, dirty);
    dirty -= writtenBytesPerSecond;
    return {
      ...interval,
      disks: [{ device: 'sda', busy: busy ?? writtenBytesPerSecond / mostBytes, writtenBytesPerSecond }],
    };
  });
  const { safeMaxTps, findings } = analyzeRun(written, examplePolicy());
  return { safeMaxTps, found: findings.filter(({ code }) => code === 'disk-behind').map(({ message }) => message) };
}

test('a rate that the page cache absorbs while the disk is full is not proven', () => {
  const { safeMaxTps, found } = writtenBack({ mostBytes: 1.6e6 });
  expect(safeMaxTps).toEqual({ kind: 'at-least', tps: 3000, reason: 'figures-in-doubt' });
  expect(found).toEqual([expect.stringMatching(/^At 4,000 msg\/s, .* 100% busy, and wrote 1.6 MB\/s of 2.1 MB\/s/)]);
});

test('a disk that writes what arrives leaves no doubt, even if it is always busy', () => {
  for (const disk of [{ mostBytes: 3e6 }, { mostBytes: 1e9, busy: 1 }])
    expect(writtenBack(disk)).toMatchObject({ safeMaxTps: { kind: 'predicted' }, found: [] });
});

// Checks that the sets of the delivery check contain exactly the added numbers, in memory and in the journal.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { IntervalSet } from '../../loadgen/delivery/interval-set.ts';
import { without, type NumberRange } from '../../loadgen/delivery/number-range.ts';
import { createRunWriter, readRuns } from '../../loadgen/delivery/number-runs.ts';
import { createShare, everySlot, indexOf, numberAt } from '../../loadgen/delivery/slot-share.ts';
import { fullMatrix } from '../support/prerequisites.ts';

const stretch = fc
  .tuple(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 1, max: 9000 }))
  .map(([from, length]): NumberRange => [from, from + length]);
const share = fc
  .tuple(fc.constantFrom(1, 3, 16, 32, 64, 128), fc.uint8Array({ minLength: 1, maxLength: 40 }))
  .map(([slotCount, slots]) =>
    createShare(
      [...slots].map((slot) => slot % slotCount),
      slotCount,
    ),
  );

const numbersOf = (ranges: Iterable<NumberRange>) =>
  [...ranges].flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
const rising = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);

test('a set contains the added numbers, and reports how many it contained before', () => {
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 12 }), stretch, (given, [from, to]) => {
      const set = new IntervalSet();
      const truth = new Set<number>();
      for (const [start, end] of given) {
        const before = truth.size;
        for (let n = start; n < end; n++) truth.add(n);
        expect(set.add(start, end)).toBe(end - start - (truth.size - before));
      }
      expect(set.count).toBe(truth.size);
      expect(numbersOf(set.ranges())).toEqual(rising(truth));
      expect(set.countIn(from, to)).toBe([...truth].filter((n) => n >= from && n < to).length);
      expect(set.has(from)).toBe(truth.has(from));
      expect(set.blurred).toBe(0);
    }),
    { numRuns: fullMatrix ? 300 : 20 },
  );
});

test('indexes of a share enumerate its numbers without gaps', () => {
  fc.assert(
    fc.property(share, fc.nat({ max: 10_000 }), (given, index) => {
      const number = numberAt(given, index);
      expect(given.slots).toContain(number % given.slotCount);
      expect(indexOf(given, number)).toBe(index);
      expect(numberAt(given, index + 1)).toBeGreaterThan(number);
    }),
  );
});

test('adding a run of a share equals adding its numbers one by one', () => {
  fc.assert(
    fc.property(share, fc.nat({ max: 20_000 }), fc.nat({ max: 5000 }), stretch, (given, from, length, there) => {
      const [together, alone] = [new IntervalSet(), new IntervalSet()];
      for (const set of [together, alone]) set.add(...there);
      let seen = 0;
      for (let index = from; index < from + length; index++) {
        const number = numberAt(given, index);
        seen += alone.add(number, number + 1);
      }
      expect(together.addShare(given, from, from + length)).toBe(seen);
      expect([...together.ranges()]).toEqual([...alone.ranges()]);
    }),
    { numRuns: fullMatrix ? 300 : 20 },
  );
});

test('`without` removes exactly the given ranges', () => {
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 6 }), fc.array(stretch, { maxLength: 6 }), (left, right) => {
      const [a, b] = [left, right].map((stretches) => {
        const set = new IntervalSet();
        for (const one of stretches) set.add(...one);
        return set;
      }) as [IntervalSet, IntervalSet];
      const taken = new Set(numbersOf(b.ranges()));
      expect(numbersOf(without(a.ranges(), b.ranges()))).toEqual(numbersOf(a.ranges()).filter((n) => !taken.has(n)));
    }),
    { numRuns: fullMatrix ? 300 : 20 },
  );
});

test('millions of messages in order need only memory for those in flight', () => {
  const set = new IntervalSet();
  const workers = [0, 1, 2, 3].map((worker) =>
    createShare(
      [0, 1, 2, 3].map((slot) => worker + 4 * slot),
      16,
    ),
  );
  let most = 0;
  // Each worker is some batches ahead of the next.
  for (let batch = 0; batch < 500; batch++) {
    for (const [worker, share] of workers.entries()) {
      const at = batch - worker * 3;
      if (at >= 0) set.addShare(share, at * 1000, (at + 1) * 1000);
    }
    most = Math.max(most, set.raggedPages);
  }
  expect(set.count).toBe(1000 * (4 * 500 - 3 - 6 - 9));
  // Nine batches of four workers are 36,000 numbers.
  expect(most).toBeLessThanOrEqual(Math.ceil(36_000 / 4096) + 2);
});

test('beyond its bound, a set either reports unknown ranges or fills their gaps', () => {
  const ragged = (overflow: 'blur' | 'fill') => {
    const set = new IntervalSet({ mostRaggedPages: 8, overflow });
    for (let page = 0; page < 9; page++) set.add(page * 4096, page * 4096 + 4095);
    return set;
  };
  const blurred = ragged('blur');
  expect(blurred.raggedPages).toBe(8);
  expect([...blurred.blurredRanges()]).toEqual([[0, 4096]]);
  expect(blurred.add(0, 4096)).toBe(0);
  const filled = ragged('fill');
  expect(filled.blurred).toBe(0);
  expect(filled.add(4095, 4096)).toBe(1);
});

const run = fc.record({
  share: fc.nat({ max: 1 }),
  place: fc.option(fc.nat({ max: 2 ** 22 }), { nil: undefined }),
  from: fc.oneof(fc.nat({ max: 1000 }), fc.integer({ min: 0, max: 2 ** 47 })),
  length: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 10_000 })),
});
const shares = [everySlot(64), createShare([1, 5, 63], 64)];

/** Merges adjacent runs by share and place. */
function joined(runs: readonly { share: number; place: number | undefined; from: number; to: number }[]) {
  const all = new Map<string, NumberRange[]>();
  for (const { share, place, from, to } of runs) {
    const list = all.get(`${share} ${place}`) ?? [];
    all.set(`${share} ${place}`, list);
    const last = list.at(-1);
    if (last?.[1] === from) list[list.length - 1] = [last[0], to];
    else list.push([from, to]);
  }
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1));
}

test('the journal returns every written run, with its place and number of occurrences', () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 40 }), (given) => {
      const runs = given.map(({ length, ...rest }) => ({ ...rest, to: rest.from + length }));
      const writer = createRunWriter(64, shares);
      for (const { share, place, from, to } of runs) writer.add(share, place, from, to);
      const encoded = writer.take();
      const read: typeof runs = [];
      if (encoded !== undefined) {
        readRuns(encoded, (share, place, from, to) =>
          read.push({ share: share.slots.length === 64 ? 0 : 1, place, from, to }),
        );
      }
      expect(joined(read)).toEqual(joined(runs));
      expect(writer.take()).toBeUndefined();
    }),
  );
});

test('a damaged journal ends in an AppError or in other runs within bounds', () => {
  const writer = createRunWriter(64, shares);
  for (let batch = 0; batch < 50; batch++) writer.add(batch % 2, batch % 3, batch * 100, batch * 100 + 60);
  const bytes = Buffer.from(writer.take() ?? '', 'base64');
  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 255 }), fc.nat(), (at, byte, end) => {
      const damaged = Buffer.from(bytes.subarray(0, end % (bytes.length + 1)));
      if (damaged.length > 0) damaged[at % damaged.length] = byte;
      let numbers = 0;
      try {
        readRuns(damaged.toString('base64'), (_, __, from, to) => (numbers += to - from));
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
      expect(numbers).toBeLessThanOrEqual(2 ** 28);
    }),
  );
});

test('a batch takes three bytes, and a message alone in its partition one or two', () => {
  const sizeOf = (add: (writer: ReturnType<typeof createRunWriter>) => number) => {
    const writer = createRunWriter(64, [createShare([0, 2, 4, 6], 64)]);
    const runs = add(writer);
    return Buffer.from(writer.take() ?? '', 'base64').length / runs;
  };
  const batches = sizeOf((writer) => {
    for (let batch = 0; batch < 2400; batch++) writer.add(0, batch % 12, 1e9 + batch * 60, 1e9 + batch * 60 + 60);
    return 2400;
  });
  expect(batches).toBeLessThan(3.1);
  const scattered = sizeOf((writer) => {
    for (let n = 0; n < 50_000; n++) writer.add(0, Math.imul(n, 0x9e3779b1) >>> 28, 1e9 + n, 1e9 + n + 1);
    return 50_000;
  });
  expect(scattered).toBeLessThan(1.1);
});

// Checks that the delivery check is exact for any senders, receivers and order of journal lines.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { createDeliveryCheck } from '../../loadgen/delivery/delivery-check.ts';
import { placeOf } from '../../loadgen/delivery/place.ts';
import { journalOfMember, journalOfProducers, linesOf, receiverBook, senderBooks } from '../support/delivery-run.ts';
import { randomFrom } from '../support/mutation.ts';
import { fullMatrix } from '../support/prerequisites.ts';
import { createWorld, truthOf, type Delivery, type World } from '../truth/delivery-world.ts';

const slotCount = 64;
const topics = ['a', 'b'];
const places = [placeOf(0, 0), placeOf(0, 1), placeOf(1, 0)];
const nameOf = (place: number): [string, number] => (place === places[2] ? ['b', 0] : ['a', place]);

const slotsOf = (workers: number) =>
  Array.from({ length: workers }, (_, worker) =>
    Array.from({ length: slotCount }, (_, slot) => slot).filter((slot) => slot % workers === worker),
  );

function offsetsOf({ logs }: World, at: 'start' | 'end', of: (length: number) => number): JournalLine {
  return {
    kind: 'log-offsets',
    elapsedSeconds: 1,
    at,
    places: [...logs].map(([place, log]) => {
      const [topic, partition] = nameOf(place);
      return { topic, partition, start: 0, end: of(log.length) };
    }),
  };
}

async function accountOf(lines: readonly JournalLine[]) {
  const ledger = createDeliveryCheck({ topics, groups: ['g'] });
  for (const line of lines) ledger.add(line);
  return ledger.account(() => linesOf(lines));
}

/** Splits all logs into pieces, repeats some, and interleaves them by place. */
function readings(world: World, random: () => number): Delivery[][] {
  const pieces: Delivery[][] = [];
  for (const [place, log] of world.logs) {
    for (let at = 0; at < log.length;) {
      const length = 1 + Math.floor(random() * 40);
      const from = Math.max(0, at - (random() < 0.3 ? Math.floor(random() * 10) : 0));
      const to = Math.min(log.length, at + length);
      pieces.push(Array.from({ length: to - from }, (_, i) => ({ place, offset: from + i })));
      at = to;
    }
  }
  return pieces;
}

const seeds = fc.integer({ min: 1, max: 2 ** 30 });

test('a single member counts lost, duplicate, reordered and damaged messages exactly', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.integer({ min: 1, max: 3 }), async (seed, workers) => {
      const random = randomFrom(seed);
      const slots = slotsOf(workers);
      const world = createWorld({ random, workers, slots, slotCount, places, batches: 60, trouble: 0.2 });
      const deliveries = readings(world, random).flat();
      const lines = [
        offsetsOf(world, 'start', () => 0),
        ...journalOfProducers(world, senderBooks(slots, slotCount), () => random() < 0.2),
        ...journalOfMember('g', world, deliveries, receiverBook(slots, slotCount), () => random() < 0.05),
        offsetsOf(world, 'end', (length) => length),
      ];
      const { groups, isExact, ...account } = await accountOf(lines);
      const truth = truthOf(world, deliveries, slotCount);
      expect(groups[0]).toMatchObject({ ...truth, unread: 0, rewritten: 0, refusedButDelivered: 0 });
      const by = (fate: string) =>
        world.batches.filter((batch) => batch.fate === fate).flatMap((b) => b.numbers).length;
      expect(account).toMatchObject({
        sent: by('acknowledged') + by('refused') + by('unknownFate'),
        acknowledged: by('acknowledged'),
        refused: by('refused'),
        unknownFate: by('unknownFate'),
        agreement: { agrees: true, partitions: 3, disagreements: [] },
      });
      const inPlaces = (groups[0]?.places ?? []).reduce((sum, { lost = 0 }) => sum + lost, 0);
      expect(inPlaces).toBe(truth.lost);
      expect(isExact).toBe(true);
    }),
    { numRuns: fullMatrix ? 300 : 20 },
  );
});

test('restarted members and reordered lines do not change the counts of a group', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.integer({ min: 2, max: 5 }), async (seed, members) => {
      const random = randomFrom(seed);
      const slots = slotsOf(2);
      const world = createWorld({ random, workers: 2, slots, slotCount, places, batches: 60, trouble: 0.2 });
      const pieces = readings(world, random);
      // Some member reads each piece, and is sometimes restarted.
      const books = Array.from({ length: members }, () => receiverBook(slots, slotCount));
      const lines = journalOfProducers(world, senderBooks(slots, slotCount), () => random() < 0.2);
      for (const piece of pieces) {
        const member = Math.floor(random() * members);
        if (random() < 0.2) books[member] = receiverBook([], slotCount);
        const book = books[member] as ReturnType<typeof receiverBook>;
        lines.push(...journalOfMember('g', world, piece, book, () => random() < 0.05));
      }
      lines.sort(() => random() - 0.5);
      const { groups } = await accountOf([
        offsetsOf(world, 'start', () => 0),
        ...lines,
        offsetsOf(world, 'end', (length) => length),
      ]);
      const { reordered: _, ...truth } = truthOf(world, pieces.flat(), slotCount);
      expect(groups[0]).toMatchObject({ ...truth, unread: 0, rewritten: 0 });
    }),
    { numRuns: fullMatrix ? 300 : 20 },
  );
});

test('messages that a group has not read are unread, and only messages missing before them are lost', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const random = randomFrom(seed);
      const slots = slotsOf(2);
      const world = createWorld({ random, workers: 2, slots, slotCount, places, batches: 40, trouble: 0 });
      const deliveries = [...world.logs].flatMap(([place, log]) =>
        Array.from({ length: Math.floor(random() * (log.length + 1)) }, (_, offset) => ({ place, offset })),
      );
      const lines = [
        offsetsOf(world, 'start', () => 0),
        ...journalOfProducers(world, senderBooks(slots, slotCount), () => false),
        ...journalOfMember('g', world, deliveries, receiverBook(slots, slotCount), () => false),
        offsetsOf(world, 'end', (length) => length),
      ];
      const { groups, acknowledged } = await accountOf(lines);
      expect(groups[0]).toMatchObject({ lost: 0, unread: acknowledged - deliveries.length });
    }),
    { numRuns: fullMatrix ? 300 : 20 },
  );
});

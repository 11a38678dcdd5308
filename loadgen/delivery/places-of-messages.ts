// Finds the partitions of given messages in the journal, since memory does not keep them.

import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { IntervalSet } from './interval-set.ts';
import { readRuns } from './number-runs.ts';
import { numberAt, type SlotShare } from './slot-share.ts';

/**
 * @param wanted sets of messages, each of one attempt
 * @param readLines not called if `wanted` is empty
 * @returns for each wanted set, how many distinct messages were sent to each place
 * @throws AppError run-unreadable, and errors of `readLines`
 */
export async function placesOfMessages(
  wanted: readonly { attempt: number; numbers: IntervalSet }[],
  readLines: () => AsyncIterable<{ line: JournalLine }>,
): Promise<ReadonlyMap<number, number>[]> {
  const searches = wanted.map(({ attempt, numbers }) => ({
    attempt,
    numbers,
    placed: new IntervalSet(),
    counts: new Map<number, number>(),
  }));
  if (searches.some(({ numbers }) => numbers.count > 0)) {
    for await (const { line } of readLines()) {
      if (line.kind !== 'produced' || line.ledger === undefined) continue;
      const { attempt, acknowledged, unknownFate, unanswered } = line.ledger;
      const open = searches.filter(
        (search) => search.attempt === attempt && search.placed.count < search.numbers.count,
      );
      if (open.length === 0) continue;
      for (const runs of [acknowledged, unknownFate, unanswered]) {
        if (runs === undefined) continue;
        readRuns(runs, (share, place = 0, from, to) => {
          for (const { numbers, placed, counts } of open) {
            const found = addWanted(numbers, placed, share, from, to);
            if (found > 0) counts.set(place, (counts.get(place) ?? 0) + found);
          }
        });
      }
    }
  }
  return searches.map(({ counts }) => counts);
}

/** @returns how many numbers of the run are wanted and not placed yet */
function addWanted(numbers: IntervalSet, placed: IntervalSet, share: SlotShare, from: number, to: number): number {
  const [first, end] = [numberAt(share, from), numberAt(share, to - 1) + 1];
  const within = numbers.countIn(first, end);
  if (within === 0) return 0;
  if (within === end - first) return to - from - placed.addShare(share, from, to);
  let found = 0;
  for (let index = from; index < to; index++) {
    const number = numberAt(share, index);
    if (numbers.has(number)) found += 1 - placed.add(number, number + 1);
  }
  return found;
}

// Accumulates sent and received messages for as long as the run's topics are not re-created.

import type { DeliveryAccount } from '../../core/documents/delivery-account.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { getOrMake } from '../../core/get-or-make.ts';
import { agreeWithBroker } from './broker-agreement.ts';
import type { DeliveryCheckOptions } from './delivery-check.ts';
import { accountOfGroup } from './group-account.ts';
import { GroupDeliveries } from './group-deliveries.ts';
import { isUnknownPlace, placeOf, topicIndexOf } from './place.ts';
import { IntervalSet } from './interval-set.ts';
import type { LogOffsets } from './log-offsets.ts';
import type { NumberRange } from './number-range.ts';
import { pendingMessages, type PendingMessages } from './pending-messages.ts';
import { SentMessages } from './sent-messages.ts';
import { topicsAndPartitions } from './topic-place.ts';
import { unreadOffsets, type UnreadOffsets } from './unread-offsets.ts';
import { readRuns } from './number-runs.ts';
import { numberAt, type SlotShare } from './slot-share.ts';

/** Creates one generation: offsets keep their meaning until a topic is deleted and re-created. */
export function createTopicGeneration({ topics, groups, transactions = false, delayed = false }: DeliveryCheckOptions) {
  const attempts = new Map<number, SentMessages>();
  const deliveries = new Map(groups.map((group) => [group, new GroupDeliveries()]));
  const namePlace = topicsAndPartitions(topics);
  let before: LogOffsets | undefined;
  let after: LogOffsets | undefined;
  let keptBack: number | undefined;
  let hasUnrecorded = false;

  /** Counts unread offsets in all partitions of the topic; unknown if none of its logs was read. */
  function unreadOfTopic(place: number, given: GroupDeliveries): UnreadOffsets {
    const index = topicIndexOf(place);
    const logs = after?.filter(({ topic }) => topic === topics[index]) ?? [];
    if (logs.length === 0) return { all: Infinity, expired: 0 };
    const unread = logs.map((log) => {
      const passed = given.places.get(placeOf(index, log.partition))?.passed;
      return unreadOffsets(passed, log, before, after, transactions);
    });
    const sumOf = (name: keyof UnreadOffsets) => unread.reduce((sum, of) => sum + of[name], 0);
    return { all: sumOf('all'), expired: sumOf('expired') };
  }

  return {
    /** @throws AppError run-unreadable if its sets are damaged */
    add(line: JournalLine): void {
      if (line.kind === 'produced' && line.ledger) {
        getOrMake(attempts, line.ledger.attempt, () => new SentMessages()).add(line.ledger);
      } else if (line.kind === 'consumed' && line.ledger) {
        getOrMake(deliveries, line.group, () => new GroupDeliveries()).add(line.ledger);
      } else if (line.kind === 'log-offsets') {
        if (line.at === 'end') [after, keptBack] = [line.places, line.keptBack];
        // If the first attempt could not read the offsets, a later one would include messages sent before it.
        else if (attempts.size === 0) before ??= line.places;
      } else if (line.kind === 'worker-lost') hasUnrecorded = true;
      else if (line.kind === 'resumed') {
        // An attempt that was killed did not read the end of its logs.
        hasUnrecorded ||= before !== undefined && after === undefined;
        [after, keptBack] = [undefined, undefined];
      }
    },

    /** @returns by place, the offset after the last recorded delivery to the group; the start of the run if none */
    recordedTo(group: string): ReadonlyMap<number, number> {
      const starts = (before ?? []).map(
        ({ topic, partition, end }) => [placeOf(topics.indexOf(topic), partition), end] as const,
      );
      const given = [...(deliveries.get(group)?.places ?? [])].filter(([place]) => !isUnknownPlace(place));
      return new Map([...starts, ...given.map(([place, { passed }]) => [place, endOf(passed)] as const)]);
    },

    /**
     * @param readLines reads the added lines again: they show the partition of a missing message
     * @throws AppError run-unreadable, and errors of `readLines`
     */
    async account(readLines: () => AsyncIterable<{ line: JournalLine }>): Promise<DeliveryAccount> {
      const sent = [...attempts];
      const unknown = sent.map(([attempt, of]) => ({ attempt, numbers: setOf(of.unknownFate()) }));
      const missing = [...deliveries.values()].map((given) =>
        sent.map(([attempt, of]) => ({ attempt, numbers: setOf(of.missingFrom(given.receivedOf(attempt))) })),
      );
      const placed = await placesOfMessages([...unknown, ...missing.flat()], readLines);
      const unknownIn = addUp(placed.splice(0, unknown.length));
      const acknowledged = addUp(sent.map(([, { acknowledgedIn }]) => acknowledgedIn));
      const pending = delayed ? pendingMessages({ acknowledged, before, after, keptBack, namePlace }) : nonePending;
      const groupAccounts = [...deliveries].map(([group, given], index) =>
        accountOfGroup({
          group,
          given,
          missing: countOf(missing[index] ?? []),
          missingIn: addUp(placed.splice(0, sent.length)),
          sent: attempts,
          pending,
          unreadIn: (place, passed) =>
            isUnknownPlace(place)
              ? unreadOfTopic(place, given)
              : unreadOffsets(passed, namePlace(place), before, after, transactions),
          namePlace,
        }),
      );
      const uncertain = uncertainNumbers(attempts.values(), deliveries.values());
      return {
        sent: sent.reduce((sum, [, of]) => sum + of.sent.count, 0),
        acknowledged: sent.reduce((sum, [, of]) => sum + of.acknowledged.count, 0),
        refused: sent.reduce((sum, [, of]) => sum + of.refusedCount(), 0),
        unknownFate: countOf(unknown),
        groups: groupAccounts,
        isExact: uncertain === 0,
        ...(uncertain > 0 && { uncertainNumbers: uncertain }),
        ...(before &&
          after && {
            agreement: agreeWithBroker({
              before,
              after,
              acknowledged,
              unknownFate: unknownIn,
              groups: groupAccounts,
              pending,
              given: mostGiven(deliveries.values()),
              transactions,
              hasUnrecorded,
              namePlace,
            }),
          }),
      };
    },
  };
}

const nonePending: PendingMessages = { byPlace: new Map(), isKnown: true };

function setOf(ranges: Iterable<NumberRange>): IntervalSet {
  const set = new IntervalSet();
  for (const [from, to] of ranges) set.add(from, to);
  return set;
}

const countOf = (sets: readonly { numbers: IntervalSet }[]) =>
  sets.reduce((sum, { numbers }) => sum + numbers.count, 0);

function addUp(counts: readonly ReadonlyMap<number, number>[]): Map<number, number> {
  const sum = new Map<number, number>();
  for (const one of counts) for (const [place, count] of one) sum.set(place, (sum.get(place) ?? 0) + count);
  return sum;
}

/** @returns the number after the highest */
function endOf(offsets: IntervalSet): number {
  let end = 0;
  for (const [, to] of offsets.ranges()) end = to;
  return end;
}

/** @returns by place, the distinct records delivered to the group that received the most */
function mostGiven(groups: Iterable<GroupDeliveries>): Map<number, number> {
  const most = new Map<number, number>();
  for (const { places } of groups) {
    for (const [place, { passed }] of places) most.set(place, Math.max(passed.count, most.get(place) ?? 0));
  }
  return most;
}

/** @returns the largest count of blurred numbers of any set */
function uncertainNumbers(sent: Iterable<SentMessages>, given: Iterable<GroupDeliveries>): number {
  const blurred = [...sent].map((of) => of.blurred);
  for (const { received } of given) for (const set of received.values()) blurred.push(set.blurred);
  return Math.max(0, ...blurred);
}

/**
 * @param wanted sets of messages, each of one attempt
 * @param readLines not called if `wanted` is empty
 * @returns for each wanted set, how many distinct messages were sent to each place
 * @throws AppError run-unreadable, and errors of `readLines`
 */
async function placesOfMessages(
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

// Makes the journal of a reassignment that has just started, for tests.

import { newJournal, parseJournal } from '../../ops/change/journal.ts';
import { ReassignFacts, type ReassignJournal } from '../../ops/kafka/execute/reassign-facts.ts';

export function reassignJournal(
  facts: Pick<ReassignFacts, 'original' | 'target'> & Partial<ReassignFacts>,
): ReassignJournal {
  return newJournal(
    {
      cluster: 'pretend',
      change: 'reassign',
      subject: 'topic orders',
      facts: { leaving: [], movesPerBroker: 1, throttleBytesPerSecond: 5_000_000, ...facts },
    },
    new Date('2026-11-20T00:00:00.000Z'),
  );
}

/** Returns the journal as the next process reads it. */
export const onDisk = (journal: ReassignJournal): ReassignJournal =>
  parseJournal(structuredClone(journal), ReassignFacts, 'journal.json');

/** Returns partitions of one topic, by their replicas. */
export const placed = (replicas: readonly number[][]) =>
  replicas.map((each, partition) => ({ topic: 'orders', partition, replicas: [...each] }));

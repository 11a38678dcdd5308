// Counts lost, duplicated, reordered, corrupted and late messages over all attempts of a run.

import type { DeliveryAccount } from '../../core/documents/delivery-account.ts';
import { createTopicGeneration } from './topic-generation.ts';
import { sumAccounts } from './sum-accounts.ts';

/*
 * How the coordinator uses it, and how an account is rebuilt from a journal:
 *
 *     const ledger = createDeliveryCheck({ topics, groups });
 *     ledger.add(line);                                     every line of the journal, of every attempt, in any order
 *     const account = await ledger.account(() => readJournalLines(path, io));
 *                                                           the same lines once more: only read when some are missing
 *
 * Memory holds sets of numbers and no messages: what came in order takes none, whatever its amount (see IntervalSet).
 */
export interface DeliveryCheckOptions {
  /** The run's, in the order their places are counted in. */
  topics: readonly string[];
  /** Those that were to consume everything. */
  groups: readonly string[];
  /** Kafka's transactions write markers, which take offsets and are delivered to no consumer. */
  transactions?: boolean;
  /** RocketMQ: brokers keep messages back, so that what is in no log may be with them. */
  delayed?: boolean;
}

export type DeliveryCheck = ReturnType<typeof createTopicGeneration>;

/** What stood in topics that were deleted is not looked for in those that were made in their place. */
export function createDeliveryCheck(options: DeliveryCheckOptions): DeliveryCheck {
  const eras = [createTopicGeneration(options)];
  return {
    add(line) {
      if (line.kind === 'resumed' && line.inNewTopics === true) eras.push(createTopicGeneration(options));
      eras.at(-1)?.add(line);
    },
    recordedTo: (group) => eras.at(-1)?.recordedTo(group) ?? new Map(),
    async account(readLines) {
      const accounts: DeliveryAccount[] = [];
      for (const era of eras) accounts.push(await era.account(readLines));
      return accounts.reduce(sumAccounts);
    },
  };
}

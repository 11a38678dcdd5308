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
 * Memory holds sets of numbers, not messages: contiguous numbers need no memory, whatever their count (see
 * IntervalSet).
 */
export interface DeliveryCheckOptions {
  /** Topics of the run, in the order that place numbers use. */
  topics: readonly string[];
  /** Groups that must consume everything. */
  groups: readonly string[];
  /** Kafka transactions write markers, which use offsets and are delivered to no consumer. */
  transactions?: boolean;
  /** RocketMQ: brokers hold messages back, so a message that is in no log may still be with a broker. */
  delayed?: boolean;
}

export type DeliveryCheck = ReturnType<typeof createTopicGeneration>;

/** Counts each generation of topics separately: messages of deleted topics are not searched for in re-created ones. */
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

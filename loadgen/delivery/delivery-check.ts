// Counts lost, duplicated, reordered, corrupted and late messages over all attempts of a run.

import type { BrokerAgreement, DeliveryAccount, GroupAccount } from '../../core/documents/delivery-account.ts';
import { createTopicGeneration } from './topic-generation.ts';

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

/** Adds two delivery accounts of one run whose topics were re-created between them. */
function sumAccounts(one: DeliveryAccount, other: DeliveryAccount): DeliveryAccount {
  const uncertain = (one.uncertainNumbers ?? 0) + (other.uncertainNumbers ?? 0);
  const agreement = sumAgreements(one, other);
  return {
    sent: one.sent + other.sent,
    acknowledged: one.acknowledged + other.acknowledged,
    refused: one.refused + other.refused,
    unknownFate: one.unknownFate + other.unknownFate,
    groups: one.groups.map((group) => {
      const same = other.groups.find((each) => each.group === group.group);
      return same === undefined ? group : sumGroups(group, same);
    }),
    isExact: one.isExact && other.isExact,
    ...(uncertain > 0 && { uncertainNumbers: uncertain }),
    ...(agreement && { agreement }),
  };
}

function sumGroups(one: GroupAccount, other: GroupAccount): GroupAccount {
  const { group, places, ...counts } = one;
  const sums = addCounts(counts, other);
  const pending = (one.pending ?? 0) + (other.pending ?? 0);
  const expired = (one.expired ?? 0) + (other.expired ?? 0);
  return {
    group,
    ...sums,
    ...(pending > 0 && { pending }),
    ...(expired > 0 && { expired }),
    places: sumPlaces([...places, ...other.places]),
  };
}

type PlaceFaults = GroupAccount['places'][number];

function sumPlaces(places: readonly PlaceFaults[]): PlaceFaults[] {
  const sums = new Map<string, PlaceFaults>();
  for (const { topic, partition, ...faults } of places) {
    const key = `${topic} ${partition}`;
    const { topic: _, partition: __, ...before } = sums.get(key) ?? { topic, partition };
    sums.set(key, { topic, partition, ...before, ...addCounts(faults, before) });
  }
  return [...sums.values()];
}

/** Adds the counts of every key of the first. */
function addCounts<Counts extends Record<string, number | undefined>>(one: Counts, other: Partial<Counts>): Counts {
  const sums = Object.entries(one).map(([name, count]) => [name, (count ?? 0) + (other[name] ?? 0)]);
  return Object.fromEntries(sums) as Counts;
}

/** Adds agreements; topics deleted before their end was read cannot be compared. */
function sumAgreements({ agreement: one }: DeliveryAccount, { agreement: other }: DeliveryAccount) {
  const known = one ?? other;
  if (known === undefined) return undefined;
  if (one === undefined || other === undefined) {
    return { ...known, agrees: false, notCompared: known.notCompared + known.partitions };
  }
  const { agrees, note, disagreements, partitions, ...counts } = one;
  const sum: BrokerAgreement = {
    partitions: Math.max(partitions, other.partitions),
    ...addCounts(counts, other),
    agrees: agrees && other.agrees,
    ...(note !== undefined && { note }),
    disagreements: [...disagreements, ...other.disagreements],
  };
  return sum;
}

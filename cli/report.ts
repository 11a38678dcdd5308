// Lists what could not be read of a cluster, and the lag of its groups.

import type { ClusterSnapshot, GroupSnapshot, Section } from '../brokers/snapshot.ts';
import { partitionKey } from '../brokers/delta/partition-key.ts';
import { traitsOf } from '../core/broker-kind/registry.ts';
import type { BrokerKind } from '../core/cluster.ts';
import { isBeyondEnd, lacksEnds, lagIn } from '../core/consumer-lag.ts';
import { pluralText } from '../core/text/quantity-text.ts';
import { named } from '../core/text/bilingual.ts';

/** Sections that list the groups of a cluster and their commits. */
export const groupSections: readonly string[] = ['groups', 'commits'];

/** Lists the sections that could not be read, with reasons. @param of sections; all by default */
export function gapsIn({ sections }: Pick<ClusterSnapshot, 'sections'>, of?: readonly string[]): string[] {
  return sections.flatMap(({ section, broker, kind, reason, refused }) => {
    if ((kind === 'fresh' && refused === undefined) || of?.includes(section) === false) return [];
    const what = broker === undefined ? section : `${section} of ${broker}`;
    const how = {
      fresh: 'read in part',
      kept: 'not read now, last known value shown',
      missing: 'not read',
      skipped: 'not asked',
    };
    return [`${what}: ${how[kind]}${reason === undefined ? '' : `: ${reason}`}`];
  });
}

/**
 * @param of sections of brokers that have parts of any topic or group, unlike in Kafka, where the rest is whole
 * @returns `at least ` for a sum if the master and slaves of a group did not report one of them
 */
export function boundText(
  { cluster, sections }: Pick<ClusterSnapshot, 'cluster' | 'sections'>,
  of: readonly string[],
): '' | 'at least ' {
  const { commitsAt, brokerId } = traitsOf(cluster.kind);
  if (commitsAt === 'any-broker') return '';
  // A slave reports those of its master.
  const byGroup = Map.groupBy(
    sections.filter(({ section }) => of.includes(section)),
    ({ section, broker = '' }) => `${section} ${brokerId.group(broker)}`,
  );
  const isLacking = ({ kind, refused }: Section) => kind !== 'fresh' || refused !== undefined;
  return byGroup.values().some((own) => own.every(isLacking)) ? 'at least ' : '';
}

const hasUnknownLag = (group: GroupSnapshot): boolean =>
  lacksEnds(group) || Iterator.from(group.partitions).some(isBeyondEnd);

/** @returns undefined if the group has not committed, or the end of a committed partition is unknown or below its commit */
export const wholeLagIn = (group: GroupSnapshot): bigint | undefined =>
  hasUnknownLag(group) ? undefined : lagIn(group.partitions);

/** @returns a function that counts partitions with messages and no commit of a group, which its lag does not include */
export function uncommittedIn(offsets: ClusterSnapshot['offsets']): (group: GroupSnapshot) => number | undefined {
  const byTopic = Map.groupBy(offsets, ({ topic }) => topic);
  return ({ partitions, withoutEnd }) => {
    const topics = new Set<string>(withoutEnd?.keys());
    const committed = new Set(
      [...(withoutEnd ?? [])].flatMap(([topic, places]) => places.map((place) => partitionKey({ topic, ...place }))),
    );
    const never = new Set<string>();
    for (const each of partitions) {
      if (each.committed !== undefined) {
        topics.add(each.topic);
        committed.add(partitionKey(each));
      } else if (each.end !== 0n) never.add(partitionKey(each));
    }
    for (const topic of topics) {
      for (const each of byTopic.get(topic) ?? []) {
        // Queues of named brokers are listed in the group itself.
        if (each.brokerName === undefined && each.end !== 0n) never.add(partitionKey(each));
      }
    }
    return never.difference(committed).size || undefined;
  };
}

/** @returns such as ` (+3 queues without a commit)` */
export function uncommittedText(uncommitted: number | undefined, kind: BrokerKind): string {
  if (uncommitted === undefined) return '';
  const partition = traitsOf(kind).terms.partitions === 'queues' ? 'queue' : 'partition';
  return ` (+${pluralText(uncommitted, partition)} without a commit)`;
}

/** Lists groups whose lag is unknown because the end of a partition is, or is below its commit. */
export function lagGapsIn(groups: readonly GroupSnapshot[]): string[] {
  const names = groups.filter(hasUnknownLag).map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    `lag of ${pluralText(names.length, 'group')} unknown, because partition ends were not read or are below commits: ${named(names, 3)}`,
  ];
}

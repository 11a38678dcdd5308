// Chooses the consumer groups whose lag a redline judges, and finds the traffic that each consumes.

import type { GroupSnapshot } from '../../brokers/snapshot.ts';
import { named } from '../../ops/change/change-kind.ts';
import type { RedlineDriver } from '../../ops/redline/redline-driver.ts';
import type { LivePlan } from './plan-live.ts';

type Traffic = Pick<LivePlan, 'topics' | 'partitionTps'> & Pick<RedlineDriver, 'partitionName'>;

/** Consumers that assign partitions to themselves, such as Flink, are not members; nor does an abandoned group have members. */
export function watchedGroups(
  groups: readonly GroupSnapshot[],
  ignored: readonly string[],
  { topics, partitionTps, partitionName }: Traffic,
) {
  const read = new Set(topics);
  const known = groups.map(({ name, members, partitions }) => {
    const own = [...partitions].filter(({ topic, committed }) => read.has(topic) && committed !== undefined);
    const tps = own.reduce((sum, each) => sum + (partitionTps.get(partitionName(each)) ?? 0), 0);
    return { name, tps, isReader: own.length > 0, hasNoMember: members === 0, isIgnored: ignored.includes(name) };
  });
  const watched = known.filter(({ isIgnored }) => !isIgnored);
  const leftOut = known.filter(({ isIgnored, isReader }) => isIgnored && isReader);
  const memberless = watched.filter(({ hasNoMember, isReader }) => hasNoMember && isReader);
  const noticeOf = (text: (names: string) => string, some: typeof known) =>
    some.length === 0 ? [] : [text(named(some.map(({ name }) => name)))];
  return {
    names: watched.map(({ name }) => name),
    /** Messages per second of the partitions in which each group has committed; absent without traffic. */
    groupTps: new Map(watched.flatMap(({ name, tps }) => (tps > 0 ? [[name, tps] as const] : []))),
    /** Sentences without a full stop: groups that are omitted, and groups that may have to be. */
    notices: [
      ...noticeOf((names) => `the lag of ignored groups is not judged: ${names}`, leftOut),
      ...noticeOf(
        (names) =>
          `groups without members: ${names}; growing lag of one ends the redline: --ignore-group leaves out those that no client reads for`,
        memberless,
      ),
    ],
  };
}

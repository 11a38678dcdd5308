// Filters a snapshot by the configured names, and removes deleted topics from its older parts.

import type { Disagreement } from '../brokers/rocketmq/details.ts';
import type { ClusterSnapshot } from '../brokers/snapshot.ts';
import type { ByKind } from '../core/broker-kind/registry.ts';
import { defined } from '../core/defined.ts';
import { isAllowed, type NameFilter } from './name-filter.ts';

export interface ShownNames {
  topics: NameFilter;
  groups: NameFilter;
}

/**
 * A part that could not be read keeps its last values for a while, possibly of a deleted topic, so they are filtered by the
 * list of topics. If that list could not be read, nothing is filtered.
 */
export function showOnly(snapshot: ClusterSnapshot, shown: ShownNames): ClusterSnapshot {
  const { topics, offsets, groups, kafka, rocketmq } = snapshot;
  const existing = new Set([...topics, ...(rocketmq?.topics ?? [])].map(({ name }) => name));
  const named = decideOnce((name) => isAllowed(name, shown.topics));
  const topic = decideOnce((name) => (existing.size === 0 || existing.has(name)) && named(name));
  const group = decideOnce((name) => isAllowed(name, shown.groups));
  const ofShownTopic = ({ topic: name }: { topic: string }) => topic(name);
  const isShownTopic = ({ name }: { name: string }) => topic(name);
  const isShownGroup = ({ name }: { name: string }) => group(name);
  return {
    ...snapshot,
    topics: topics.filter(isShownTopic),
    // Avoids a copy in the usual case that all are shown.
    offsets: offsets.every(ofShownTopic) ? offsets : offsets.filter(ofShownTopic),
    groups: groups.filter(isShownGroup).map((read) => {
      const { partitions } = read;
      const isWhole = partitions.topics?.every(topic) ?? Iterator.from(partitions).every(ofShownTopic);
      const { withoutEnd } = read;
      return {
        ...read,
        ...(!isWhole && { partitions: [...partitions].filter(ofShownTopic) }),
        ...(withoutEnd && { withoutEnd: new Map([...withoutEnd].filter(([name]) => topic(name))) }),
      };
    }),
    ...defined({
      kafka: kafka && {
        ...kafka,
        topicSizes: kafka.topicSizes.filter(ofShownTopic),
        topicConfigs: kafka.topicConfigs.filter(ofShownTopic),
      },
      rocketmq: rocketmq && {
        ...rocketmq,
        topics: rocketmq.topics.filter(isShownTopic),
        groups: rocketmq.groups.filter(isShownGroup),
        liteLags: rocketmq.liteLags.filter((lag) => ofShownTopic(lag) && group(lag.group)),
        topicTraffic: rocketmq.topicTraffic.filter(ofShownTopic),
        groupTraffic: rocketmq.groupTraffic.filter((traffic) => ofShownTopic(traffic) && group(traffic.group)),
        disagreements: rocketmq.disagreements.filter(({ of, subject }) => !topicalKinds.has(of) || named(subject)),
        nativeMetrics: rocketmq.nativeMetrics.filter(
          ({ labels: { topic: name, consumer_group: by } }) =>
            (name === undefined || named(name)) && (by === undefined || group(by)),
        ),
      },
    } satisfies ByKind<unknown>),
  };
}

/** Disagreements about topics. */
const topicalKinds: ReadonlySet<Disagreement['of']> = new Set(['topic-config', 'name-server-route']);

/** Consecutive partitions share a name, so the last decision is cached. */
function decideOnce(decide: (name: string) => boolean): (name: string) => boolean {
  const decided = new Map<string, boolean>();
  let last: string | undefined;
  let answer = false;
  return (name) => {
    if (name === last) return answer;
    last = name;
    answer = decided.get(name) ?? decide(name);
    decided.set(name, answer);
    return answer;
  };
}

// Sums rates by topic and broker to the load of each topic and group.

import type { LoadByName } from './resource-demand.ts';
import type { Rates } from './rates.ts';
import { getOrMake } from '../../core/get-or-make.ts';

export function loadByName({ topics: written, groups: read, brokers }: Rates): LoadByName {
  const topics = new Map<string, { produceTps?: number; consumeTps?: number }>();
  const groups = new Map<string, { consumeTps: number; topics: Map<string, number> }>();
  for (const { topic, messagesPerSecond } of written) {
    topics.set(topic, { produceTps: (topics.get(topic)?.produceTps ?? 0) + messagesPerSecond });
  }
  for (const { group, topic, messagesPerSecond } of read) {
    const known = getOrMake(groups, group, () => ({ consumeTps: 0, topics: new Map() }));
    known.consumeTps += messagesPerSecond;
    known.topics.set(topic, (known.topics.get(topic) ?? 0) + messagesPerSecond);
    const of = topics.get(topic) ?? {};
    topics.set(topic, { ...of, consumeTps: (of.consumeTps ?? 0) + messagesPerSecond });
  }
  const produced = brokers.map(({ written: { messagesPerSecond } }) => messagesPerSecond);
  const isWhole = produced.every((each) => each !== undefined);
  return {
    topics,
    groups,
    ...(isWhole && { produceTps: produced.reduce((sum, each) => sum + each, 0) }),
  };
}

/** @returns names of topics that are written, highest rate first */
export const busiestTopics = ({ topics }: Pick<LoadByName, 'topics'>, most: number): string[] =>
  [...topics]
    .filter(([, { produceTps = 0 }]) => produceTps > 0)
    .toSorted(([, one], [, other]) => (other.produceTps ?? 0) - (one.produceTps ?? 0))
    .slice(0, most)
    .map(([topic]) => topic);

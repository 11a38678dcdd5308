// Resolves the topic selectors `top-tps:20` (highest message rate) and `domain:orders` (patterns of the config).

import { domainPatterns, type DomainsOfClusters } from '../../../core/domain-patterns.ts';
import { AppError } from '../../../core/errors.ts';
import { matchesGlob } from '../../../core/text/glob.ts';
import { nearest } from '../../../core/text/nearest.ts';
import type { PartitionOffsets } from '../../../core/cluster.ts';

const topPattern = /^top-tps:(\d{1,6})$/;

export function isTop(given: string): boolean {
  return given.startsWith('top-tps:');
}

/** @returns the number of topics. @throws AppError usage */
export function topCount(given: string): number {
  const count = Number(topPattern.exec(given)?.[1] ?? 0);
  if (count > 0) return count;
  throw new AppError('usage', `--topics ${given}: expected a number of topics, such as top-tps:20`);
}

/** @returns messages per second by topic, from the end offsets of its partitions at two times */
export function topicRates(
  before: readonly PartitionOffsets[],
  after: readonly PartitionOffsets[],
  seconds: number,
): ReadonlyMap<string, number> {
  const endBefore = new Map(before.map(({ topic, partition, end }) => [`${topic}-${partition}`, end]));
  const rates = new Map<string, number>();
  for (const { topic, partition, end } of after) {
    const then = endBefore.get(`${topic}-${partition}`);
    if (end === undefined || then === undefined) continue;
    rates.set(topic, (rates.get(topic) ?? 0) + Number(end - then) / seconds);
  }
  return rates;
}

/** Busiest first, without topics that receive no messages. */
export function busiestTopics(rates: ReadonlyMap<string, number>, count: number): string[] {
  return [...rates]
    .filter(([topic, rate]) => rate > 0 && !topic.startsWith('__'))
    .sort(([one, fast], [other, faster]) => faster - fast || (one < other ? -1 : 1))
    .slice(0, count)
    .map(([topic]) => topic);
}

/** @throws AppError usage if the cluster has no such domain in the config, or the domain has no topics */
export function domainTopics(name: string, cluster: string, domains: DomainsOfClusters): (topic: string) => boolean {
  const domain = domains[name];
  if (domain === undefined) {
    const meant = nearest(name, Object.keys(domains));
    throw new AppError('usage', `service.domains of the config file has no domain ${name}`, {
      hint: meant === undefined ? 'add it, with its cluster and its topics' : `did you mean domain:${meant}?`,
    });
  }
  if (domain.cluster !== cluster) {
    throw new AppError('usage', `domain ${name} is on cluster ${domain.cluster}, not on ${cluster}`);
  }
  const patterns = domainPatterns(name, domains);
  if (patterns === undefined) {
    throw new AppError('usage', `domain ${name} lists no topics`, {
      hint: `add service.domains.${name}.topics to the config file: patterns such as orders-*`,
    });
  }
  return (topic) => patterns.some((pattern) => matchesGlob(topic, pattern));
}

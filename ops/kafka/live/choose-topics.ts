// Resolves the topic selectors `top-tps:20` (highest message rate) and `domain:orders` (listed in a file).

import { AppError } from '../../../core/errors.ts';
import { nearest } from '../../../core/text/nearest.ts';
import type { PartitionOffsets } from '../../../core/cluster.ts';

const topPattern = /^top-tps:(\d{1,6})$/;

export function isTop(given: string): boolean {
  return given.startsWith('top-tps:');
}

/** @returns how many topics are meant. @throws AppError usage */
export function topCount(given: string): number {
  const count = Number(topPattern.exec(given)?.[1] ?? 0);
  if (count > 0) return count;
  throw new AppError('usage', `--topics ${given}: expected a number of topics, such as top-tps:20`);
}

/** Messages per second by topic, from the ends of its partitions at two moments. */
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

/**
 * @param file `domains` of a domains file: by name, each with `topics`, names or patterns of whole names
 * @throws AppError usage when there is no such domain, or it lists no topics
 */
export function topicsOfDomain(name: string, file: unknown, path: string): (topic: string) => boolean {
  const domains = (file as { domains?: Record<string, { topics?: unknown }> } | undefined)?.domains ?? {};
  const domain = domains[name];
  if (domain === undefined) {
    const meant = nearest(name, Object.keys(domains));
    throw new AppError('usage', `${path} has no domain ${name}`, {
      hint: meant === undefined ? 'domains are under `domains`, by name' : `did you mean domain:${meant}?`,
    });
  }
  const { topics } = domain;
  if (!Array.isArray(topics) || topics.length === 0 || topics.some((topic) => typeof topic !== 'string')) {
    throw new AppError('usage', `${path}: domain ${name} lists no topics`, {
      hint: 'add `topics`, a list of names or patterns of whole names, to the domain',
    });
  }
  try {
    const pattern = new RegExp(`^(?:${(topics as string[]).map((topic) => `(?:${topic})`).join('|')})$`);
    return (topic) => pattern.test(topic);
  } catch (cause) {
    throw new AppError('usage', `${path}: topics of domain ${name}: ${(cause as Error).message}`, { cause });
  }
}

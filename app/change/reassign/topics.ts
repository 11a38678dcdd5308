// Selects the topics to move: from a file, by a pattern, the busiest ones, or those of a domain.

import { runInNewContext } from 'node:vm';
import { AppError } from '../../../core/errors.ts';
import { meantHint } from '../../../core/text/nearest.ts';
import { busiestTopics, domainTopics, isTop, topCount } from '../../../ops/kafka/live/choose-topics.ts';
import { parseFile, TopicsToMove, type Assignment } from '../../../ops/kafka/reassign/files.ts';
import type { ReassignCaller } from './reassign-request.ts';
import { readBounded } from '../../files/read-bounded.ts';
import { configuredService } from '../../planning/configured-promotions.ts';

/**
 * @param live a running cluster, with messages per second by topic
 * @returns nothing if all topics are selected
 * @throws AppError usage, config-unreadable, config-invalid
 */
export async function requestedTopics(
  { options, signal }: Pick<ReassignCaller, 'options' | 'signal'>,
  { partitions }: Assignment,
  live?: { name: string; rates: ReadonlyMap<string, number> },
): Promise<((topic: string) => boolean) | undefined> {
  const given = options.topics;
  if (given === undefined) return undefined;
  if (isTop(given)) {
    const count = topCount(given);
    if (live === undefined) {
      throw new AppError('usage', `--topics ${given}: files do not show which topics are busy`, {
        hint: 'give --cluster, or list the topics',
      });
    }
    const chosen = new Set(busiestTopics(live.rates, count));
    if (chosen.size === 0) throw new AppError('usage', `--topics ${given}: no topic receives messages now`);
    return (topic) => chosen.has(topic);
  }
  if (given.startsWith('domain:')) {
    if (live === undefined || options.bootstrap !== undefined) {
      throw new AppError('usage', `--topics ${given}: domains are of clusters of the config file`, {
        hint: 'give --cluster, or list the topics',
      });
    }
    const service = await configuredService(options.config, { signal });
    return domainTopics(given.slice('domain:'.length), live.name, service?.domains ?? {});
  }
  if (given.endsWith('.json')) {
    const { topics } = parseFile(await readBounded(given, { signal }), TopicsToMove, given);
    const chosen = new Set(topics.map(({ topic }) => topic));
    const known = new Set(partitions.map(({ topic }) => topic));
    const strange = [...chosen].find((topic) => !known.has(topic));
    if (strange !== undefined) {
      throw new AppError('usage', `${given} names topic ${strange}, which the assignment does not have`, {
        hint: meantHint(strange, known, 'use a topic that is in the assignment'),
      });
    }
    return (topic) => chosen.has(topic);
  }
  try {
    // Alone first: `a)|(?:b` is valid only within the parentheses, and would match parts of names.
    const pattern = new RegExp(`^(?:${new RegExp(given).source})$`);
    const names = [...new Set(partitions.map(({ topic }) => topic))];
    // Patterns such as `(a+)+` backtrack for hours on long names.
    const filter = 'names.filter((name) => pattern.test(name))';
    const chosen = new Set(runInNewContext(filter, { names, pattern }, { timeout: 2000 }) as string[]);
    return (topic) => chosen.has(topic);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const isSlow = code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    const reason = isSlow ? 'matching takes more than 2 s; use a pattern without nested repetition' : message;
    throw new AppError('usage', `--topics ${given}: ${reason}`, { cause });
  }
}

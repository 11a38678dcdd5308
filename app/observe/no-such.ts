// Builds the error for a name that the cluster does not have, with the closest name.

import type { ByKind } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import { meantHint } from '../../core/text/nearest.ts';

/** Objects that a kind silently omits from its lists if the user lacks permission. */
const hidden: ByKind<ReadonlySet<string>> = { kafka: new Set(['topic', 'group']), rocketmq: new Set<string>() };

/** @param unread parts that could not be read and may contain the name */
export function noSuch(
  what: string,
  wanted: string,
  { name: cluster, kind }: { name: string; kind?: BrokerKind },
  known: readonly { name: string }[],
  unread: readonly string[] = [],
): AppError {
  const names = known.map(({ name }) => name);
  if (unread.length > 0) {
    const message = `${what} ${wanted} of cluster ${cluster} is not among those that were read: ${unread.join('; ')}`;
    const hint = meantHint(wanted, names, 'run the command again when the parts named here can be read');
    return new AppError('broker-unreachable', message, { hint });
  }
  const isHidden = kind !== undefined && hidden[kind].has(what);
  const hint = meantHint(wanted, names, `\`plimsoll get ${what}s\` lists its ${what}s${isHidden ? '.' : ''}`);
  return new AppError('not-found', `cluster ${cluster} has no ${what} ${wanted}`, {
    hint: isHidden ? `${hint} Kafka hides a ${what} from a user without Describe on it.` : hint,
  });
}

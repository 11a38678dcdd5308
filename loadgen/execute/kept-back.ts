// Counts the delayed messages that brokers hold back, from broker metrics.

import { withUndeliveredLevels } from '../../brokers/rocketmq/delay-levels.ts';
import type { RocketmqBroker } from '../../brokers/rocketmq/details.ts';
import { parseRuntimeInfo } from '../../brokers/rocketmq/runtime-info.ts';
import type { PartitionOffsets } from '../../core/cluster.ts';
import type { Workload } from '../plan/workload.ts';

/**
 * Sums both kinds of delay: levels are queues with a delivery position; timers of 5.x are counted as a whole. Both are
 * added, because a broker may implement levels as timers; the figures include messages of other producers.
 *
 * @returns undefined if a master did not report them, or has messages on disk that are not yet in a queue
 */
export function keptBackBy(
  { brokers, offsets }: { brokers: readonly RocketmqBroker[]; offsets: readonly PartitionOffsets[] },
  delay: NonNullable<Workload['delay']>,
): number | undefined {
  const masters = brokers.filter(({ role }) => role !== 'slave');
  if (masters.length === 0) return undefined;
  let sum = 0;
  for (const { runtime, config, brokerName } of masters) {
    const { delayLevels, timerWaitingMessages, timerBehindMessages, dispatchBehindBytes } = parseRuntimeInfo(
      runtime,
      config,
    );
    if (runtime === undefined || (dispatchBehindBytes ?? 0n) > 0n) return undefined;
    const timers = timerWaitingMessages === undefined ? undefined : timerWaitingMessages + (timerBehindMessages ?? 0n);
    const areLevelsTimers = config?.get('timerInterceptDelayLevel') === 'true';
    if (timers === undefined && (!('level' in delay) || areLevelsTimers)) return undefined;
    if ('level' in delay) {
      const own = offsets.filter((queue) => queue.brokerName === brokerName);
      // A level without messages on this broker has no figures.
      const level = withUndeliveredLevels(delayLevels, own).find((each) => each.level === delay.level);
      sum += Math.max(0, Number((level?.end ?? 0n) - (level?.delivered ?? 0n))) + Number(timers ?? 0n);
    } else sum += Number(timers ?? 0n);
  }
  return sum;
}

// Finds plans that copy replicas at an unknown rate, which --execute refuses.

import type { Finding } from '../../../core/documents/analysis.ts';
import { findingIf } from '../../change/change-kind.ts';
import type { KafkaPartition, Reassignment } from '../reassign/plan-reassignment.ts';

export interface CopyRate {
  networkBytesPerSecond?: number | undefined;
  throttleBytesPerSecond?: number | undefined;
}

type Placed = Pick<KafkaPartition, 'replicas'>;

export const isRateUnknown = (rate: CopyRate): boolean =>
  (rate.throttleBytesPerSecond ?? rate.networkBytesPerSecond) === undefined;

/** The rollback of a plan that only removes replicas copies them. */
export const copiesReplicas = (before: readonly Placed[], after: readonly Placed[]): boolean =>
  setsOf(before) !== setsOf(after);

export function copyRateUnknown(
  { plan, rollback }: Pick<Reassignment, 'plan' | 'rollback'>,
  rate: CopyRate,
): Finding[] {
  const isRefused = isRateUnknown(rate) && copiesReplicas(rollback.partitions, plan.partitions);
  return findingIf(isRefused, 'warning', 'copy-rate-unknown', {
    en: 'The link speed of the brokers is unknown, so --execute refuses this plan. Give --network, such as 10gbit, or --throttle, such as 50MB/s.',
    zh: 'Broker 的网络带宽未知，因此 --execute 会拒绝该计划。请给出 --network（如 10gbit）或 --throttle（如 50MB/s）。',
  });
}

/** The replicas of each partition in ascending order. */
const setsOf = (partitions: readonly Placed[]): string =>
  partitions.map(({ replicas }) => replicas.toSorted((one, other) => one - other).join()).join(' ');

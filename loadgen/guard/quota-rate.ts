// Computes the message rate at which a quota of bytes per second is reached.

import type { ConfiguredQuota } from '../../core/documents/evidence/configured-limits.ts';
import { messagesPerSecond, type MessagesPerSecond } from '../../core/units.ts';

export interface QuotaTraffic {
  /** Brokers that lead an equal share of the partitions: each enforces the quota by itself. */
  leaders: number;
  /** Of one message in a batch, without the frames of the wire: what brokers count. */
  messageBytes: number;
  /** Consumer groups, each of which reads every message. */
  groups: number;
}

/** @returns undefined for a quota that is not of bytes, or that nothing counts towards */
export function quotaRate(
  { kind, value, shares }: ConfiguredQuota,
  { leaders, messageBytes, groups }: QuotaTraffic,
): MessagesPerSecond | undefined {
  const copies = kind === 'produce-quota' ? 1 : kind === 'fetch-quota' ? groups : 0;
  return copies === 0 ? undefined : messagesPerSecond((value * shares * leaders) / (messageBytes * copies));
}

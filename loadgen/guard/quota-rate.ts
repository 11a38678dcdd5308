// Computes the message rate at which a quota of bytes per second is reached.

import type { ConfiguredQuota } from '../../core/documents/evidence/configured-limits.ts';
import { messagesPerSecond, type MessagesPerSecond } from '../../core/units.ts';

export interface QuotaTraffic {
  /** Brokers that each lead an equal share of the partitions and enforce the quota separately. */
  leaders: number;
  /** Bytes of one message in a batch, as brokers count them: without protocol framing. */
  messageBytes: number;
  /** Consumer groups, each of which reads every message. */
  groups: number;
}

/** @returns undefined if the quota is not in bytes, or this traffic does not count towards it */
export function quotaRate(
  { kind, value, shares }: ConfiguredQuota,
  { leaders, messageBytes, groups }: QuotaTraffic,
): MessagesPerSecond | undefined {
  const copies = kind === 'produce-quota' ? 1 : kind === 'fetch-quota' ? groups : 0;
  return copies === 0 ? undefined : messagesPerSecond((value * shares * leaders) / (messageBytes * copies));
}

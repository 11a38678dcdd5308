// Describes the quotas that apply to a load test, and warns where the planned rate exceeds one.

import { capacityText, percentText, rateText } from '../../core/text/quantity-text.ts';
import type { ConfiguredQuota } from '../../core/documents/evidence/configured-limits.ts';
import { quotaRate, type QuotaTraffic } from '../../loadgen/guard/quota-rate.ts';

const clients = {
  'produce-quota': 'the producers',
  'fetch-quota': 'the consumers',
  'request-quota': 'producers and consumers',
} as const satisfies Record<ConfiguredQuota['kind'], string>;

/** @returns `client quota 4 MB/s per broker (client-id=<default>)` */
export function quotaText({ kind, value, entity }: ConfiguredQuota): string {
  const amount = kind === 'request-quota' ? `${percentText(value)} of a thread` : capacityText(value, 'bytes/s');
  return `${kind === 'request-quota' ? 'request' : 'client'} quota ${amount} per broker (${entity})`;
}

/** @param peakTps the highest planned rate; undefined if a search or a closed loop determines it */
export function quotaTexts(
  quotas: readonly ConfiguredQuota[],
  traffic: QuotaTraffic,
  peakTps: number | undefined,
): string[] {
  return quotas.flatMap((quota) => {
    const applies = `${quotaText(quota)} applies to ${clients[quota.kind]}`;
    const most = quotaRate(quota, traffic);
    if (most === undefined || peakTps === undefined || peakTps <= most) return [applies];
    return [
      applies,
      `warning: ${rateText(peakTps)} is planned, and this quota throttles ${clients[quota.kind]} from about ${rateText(Math.floor(most))}`,
    ];
  });
}

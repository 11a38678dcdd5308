// Defines the findings about quotas, which the configuration sets for clients.

import { capacityText, nodeSentenceText, nodeText, percentText, rateText } from '../../text/quantity-text.ts';
import type { quotaKinds } from '../evidence/configured-limits.ts';
import { constraints } from '../../resource.ts';
import { figure, findingEntry } from './finding-entry.ts';

type QuotaKind = (typeof quotaKinds)[number];

interface QuotaFacts {
  node: string;
  quota: QuotaKind;
  /** Rate from which it throttles. */
  tps: number;
  /** Throttle times in the broker's responses, per second of the step. */
  throttledShare?: number;
  longestThrottleSeconds?: number;
  /** As configured: bytes per second; for a request quota, the share of one thread. */
  configured?: { value: number; entity: string };
}

const quotaValue = ({ quota, configured }: QuotaFacts) =>
  configured && (quota === 'request-quota' ? percentText(configured.value) : capacityText(configured.value, 'bytes/s'));

export const quotaLimit = findingEntry<QuotaFacts>({
  severity: 'warning',
  en(facts) {
    const { node, quota, tps, throttledShare, configured } = facts;
    const share = throttledShare === undefined ? '' : ` ${percentText(throttledShare)} of the time`;
    const value = configured ? ` of ${quotaValue(facts)} (${configured.entity})` : '';
    return `${nodeSentenceText(node)} throttled clients${share} at ${rateText(tps)}: the limit is its ${constraints[quota].name.en}${value}, not its hardware. Raise the quota to test the hardware, or plan with this rate.`;
  },
  zh(facts) {
    const { node, quota, tps, throttledShare, configured } = facts;
    const share = throttledShare === undefined ? '' : `，限流时间占 ${percentText(throttledShare)}`;
    const value = configured ? `（${quotaValue(facts)}，${configured.entity}）` : '';
    return `${nodeText(node, 'zh')} 在 ${rateText(tps, 'zh')} 时对客户端限流${share}：瓶颈是${constraints[quota].name.zh}${value}，不是硬件。要测硬件上限请调高配额，否则按该速率规划容量。`;
  },
  evidence: {
    'throttled share': ({ node, throttledShare }) =>
      figure(throttledShare, 'ratio', `throttle times in answers of ${nodeText(node)}`),
    'longest throttle time': ({ node, longestThrottleSeconds }) =>
      figure(longestThrottleSeconds, 's', `throttle times in answers of ${nodeText(node)}`),
    quota: ({ quota, configured }) =>
      configured && {
        value: configured.value,
        unit: quota === 'request-quota' ? 'ratio' : 'bytes/s',
        source: `cluster configuration, ${configured.entity}`,
      },
  },
  examples: [
    {
      node: '1',
      quota: 'produce-quota',
      tps: 4190,
      throttledShare: 0.34,
      longestThrottleSeconds: 1.2,
      configured: { value: 4e6, entity: 'client-id=<default>' },
    },
    { node: '2', quota: 'fetch-quota', tps: 1900, throttledShare: 0.2 },
    { node: '1', quota: 'request-quota', tps: 900, configured: { value: 0.5, entity: 'user=billing' } },
  ],
});

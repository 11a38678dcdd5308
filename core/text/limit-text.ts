// Formats limits and percentages for a person; numbers with their units are formatted by core/text.

import type { Limit } from '../documents/analysis.ts';
import { nodeText } from './quantity-text.ts';

export { bitRateText, capacityText, durationText, nodeText, quantityText } from './quantity-text.ts';

/** @returns `network-out of broker 1`, `consumer-lag of group billing` */
export function limitText(limit: Limit): string {
  if ('resource' in limit) return `${limit.resource} of ${nodeText(limit.node)}`;
  return 'node' in limit ? `${limit.slo} of ${nodeText(limit.node)}` : `${limit.slo} of group ${limit.group}`;
}

/** @returns `93 %` */
export function percentText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** @returns `99.9 %`: a confidence is never rounded up to certainty */
export function confidenceText(share: number): string {
  return `${Math.floor(share * 1000) / 10} %`;
}

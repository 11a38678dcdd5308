// Formats the name of a limit: the resource or SLO, and the broker, host or group it belongs to.

import type { Limit } from '../documents/analysis.ts';
import { nodeText } from './quantity-text.ts';

/** @returns `network-out of broker 1`, `consumer-lag of group billing` */
export function limitText(limit: Limit): string {
  if ('resource' in limit) return `${limit.resource} of ${nodeText(limit.node)}`;
  return 'node' in limit ? `${limit.slo} of ${nodeText(limit.node)}` : `${limit.slo} of group ${limit.group}`;
}

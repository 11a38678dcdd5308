// Formats an amount of a resource with its unit.

import { capacityText } from '../../../core/text/quantity-text.ts';
import type { PlannedResourceName } from './cluster-load-draws.ts';

export const unitOf: Record<PlannedResourceName, string> = {
  'network-in': 'bytes/s',
  'network-out': 'bytes/s',
  'disk-io': 'bytes/s',
  messages: 'messages/s',
  'disk-space': 'bytes',
  memory: 'bytes',
  partitions: 'partitions',
};

/** `98.4 MB/s`, `25,000 messages/s`. */
export const amountText = (resource: PlannedResourceName, value: number): string =>
  capacityText(value, unitOf[resource]);

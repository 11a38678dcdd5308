// Computes token bucket settings, tc-tbf(8), with which a link behaves like a physical card.

import type { BitsPerSecond } from '../core/units.ts';

/** Preamble 8, frame check 4, gap 12: bytes per Ethernet frame beyond those the kernel counts (IEEE 802.3). */
const framingBytes = 24;
/** With 32 kbit the link reached only 93% of its rate, with 128 kB it reached 99.8% (Kafka behind 50 Mbit/s). */
const leastBurstBytes = 128 * 1024;
/** Duration of tokens in the bucket: a late timer must not reduce the rate on fast links. */
const burstSeconds = 0.01;
/** Frames that wait longer are dropped, as in the queue of a switch. */
const latency = '100ms';

/** Source of a link speed in the config. */
export const tbfSource = 'plimsoll lab (tc-tbf)';

export function burstBytes(rate: BitsPerSecond): number {
  return Math.max(leastBurstBytes, Math.ceil((rate / 8) * burstSeconds));
}

/** Arguments after `tc qdisc add dev DEVICE root`. */
export function tbfArguments(rate: BitsPerSecond): string[] {
  const parameters = {
    rate: `${Math.round(rate)}bit`,
    burst: String(burstBytes(rate)),
    latency,
    overhead: String(framingBytes),
  };
  return ['tbf', ...Object.entries(parameters).flat()];
}

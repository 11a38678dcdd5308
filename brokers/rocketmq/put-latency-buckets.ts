// Parses the histogram of message store latency over the last whole minute.

/** No counter, and not cumulative: how many lie between this bound and the one before. */
export interface PutLatencyBucket {
  /** Infinity for the last. */
  uptoSeconds: number;
  messages: number;
}

/*
 * [<=0ms]:5 [0~10ms]:3 [10~50ms]:0 … [500ms~1s]:0 [1~2s]:0 … [10s~]:0
 *
 * `null` in the first minute after boot. Up to 4.8 it is the minute that has not ended.
 */

/** @returns none where the broker has none to show yet */
export function putLatencyBucketsOf(text = ''): PutLatencyBucket[] {
  return Array.from(text.matchAll(/\[([^\]]{1,20})\]:(\d{1,15})/g), ([, range = '', messages]) => ({
    uptoSeconds: upperBoundOf(range),
    messages: Number(messages),
  })).filter(({ uptoSeconds }) => !Number.isNaN(uptoSeconds));
}

function upperBoundOf(range: string): number {
  if (range.endsWith('~')) return Infinity;
  const [, value = '', unit] = /(\d+)(ms|s)$/.exec(range) ?? [];
  if (value === '') return Number.NaN;
  return unit === 'ms' ? Number(value) / 1000 : Number(value);
}

// Compares payload and segments of a saturated network interface with a line through the lower steps.

import { leastSquares } from '../../core/statistics/regression.ts';
import { segmentHeaders, segmentPayload } from '../../core/wire/ethernet.ts';
import type { BitsPerSecond } from '../../core/units.ts';
import { readDrivenLimit, type DrivenLimit } from '../driven-limit.ts';

export interface WhenFull {
  host: string;
  direction: string;
  /** Achieved value divided by the value at that rate of a line through the steps. */
  payload: number;
  frames: number;
  /**
   * Share that disappeared of the overhead frames, which exceed full segments and one acknowledgement per two segments
   * of the other direction; absent without overhead.
   */
  spared?: number;
}

/** @param count number of lower steps of the bundle used for the line. @returns undefined for fewer than three */
export async function readWhenFull(
  steps: string,
  count: number,
  driven: DrivenLimit,
  nic: BitsPerSecond,
): Promise<WhenFull | undefined> {
  const { host, direction } = driven.fullest;
  const other = direction === 'network-in' ? 'network-out' : 'network-in';
  const lower: DrivenLimit[] = [];
  for (let step = 0; step < count; step += 1) lower.push(await readDrivenLimit(steps, nic, step));
  const at = driven.acknowledgedPerSecond;
  const lineOf = (value: (limit: DrivenLimit) => number): number | undefined => {
    const rates = lower.map(({ acknowledgedPerSecond }) => acknowledgedPerSecond);
    const values = lower.map(value);
    const law = leastSquares(
      values,
      [rates],
      values.map((each) => 1 / each),
    );
    return law && (law.coefficients[0] as number) + (law.coefficients[1] as number) * at;
  };
  const payloadOf = trafficOf(host, direction, ({ counterBytes, frames }) => counterBytes - segmentHeaders * frames);
  const framesOf = trafficOf(host, direction, ({ frames }) => frames);
  const [payload, frames] = [lineOf(payloadOf), lineOf(framesOf)];
  if (payload === undefined || frames === undefined) return undefined;
  const back = trafficOf(host, other, ({ counterBytes, frames: all }) => counterBytes - segmentHeaders * all)(driven);
  const full = payloadOf(driven) / segmentPayload + back / (2 * segmentPayload);
  return {
    host,
    direction,
    payload: payloadOf(driven) / payload,
    frames: framesOf(driven) / frames,
    ...(frames > full && { spared: (frames - framesOf(driven)) / (frames - full) }),
  };
}

const trafficOf =
  (host: string, direction: string, value: (share: DrivenLimit['fullest']) => number) =>
  ({ shares }: DrivenLimit): number => {
    const share = shares.find((each) => each.host === host && each.direction === direction);
    return share === undefined ? Number.NaN : value(share);
  };

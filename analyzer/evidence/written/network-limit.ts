// Computes how near a network reading is to the card's capacity, and the rate limit that follows from it.

import type { SafeMaxTps } from '../../../core/documents/analysis.ts';
import type { Span } from '../../../core/wire/expected-bytes.ts';
import type { Amount, Figures } from './figures.ts';
import { exactly, quotient, scaled } from './range.ts';
import { largerDirection, lineRate, statedTraffic } from './traffic.ts';
import { rateRange, megabyteRate, tpsText } from '../../../core/text/stated-figure.ts';
import { bitRateText } from '../../../core/text/quantity-text.ts';

type Basis = Extract<SafeMaxTps, { kind: 'observed' }>['basis'][number];

/** One reading of the card compared with one capacity of it. */
interface CapacityReading {
  capacity: Span;
  text: string;
  /** Share of the capacity the reading takes. */
  share: Span;
}

export interface NetworkUse {
  direction: 'in' | 'out';
  directionStated: boolean;
  amount: Amount;
  capacities: readonly CapacityReading[];
}

/** One entry per network reading; none when the text gives no reading or the speed of the card is unknown. */
export function networkUses(figures: Figures): NetworkUse[] {
  const { link } = figures;
  if (link === undefined) return [];
  const line = lineRate(link.bitsPerSecond);
  return figures.network.map((amount) => {
    const capacities = [
      {
        capacity: line,
        text: `line rate of ${bitRateText(link.bitsPerSecond)}, ${rateRange(line)} (as interface counters show it, and nominal)`,
        share: quotient(amount, line),
      },
    ];
    const { practicalLimit } = figures;
    if (practicalLimit !== undefined) {
      capacities.push({
        capacity: practicalLimit,
        text: `the practical maximum of such a card according to the text, ${asWritten(practicalLimit)}`,
        share: shareOf(amount, practicalLimit),
      });
    }
    return {
      direction: amount.reading.direction ?? largerDirection(statedTraffic(figures)),
      directionStated: amount.reading.direction !== undefined,
      amount,
      capacities,
    };
  });
}

/** Two figures with the same unit letter have the same unit, whichever that is: it cancels out. */
function shareOf(amount: Amount, limit: Amount): Span {
  const letter = ({ reading }: Amount) => reading.unitAsWritten?.replaceAll(/[\d.\s]/g, '');
  return letter(amount) !== undefined && letter(amount) === letter(limit)
    ? exactly(amount.value / limit.value)
    : quotient(amount, limit);
}

/** What the reading makes of the rate, were the card filled to `policyLimit` of each capacity. */
export function basisAt(use: NetworkUse, figures: Figures, policyLimit: number): Basis[] {
  const { tps } = figures;
  return use.capacities.map(({ text, share }) => {
    const { low, high } = quotient(scaled(exactly(tps.value), policyLimit), share);
    return {
      reading: `${readingText(use)}, at ${tpsText(tps.value)} msg/s`,
      capacity: text,
      policyLimit,
      tps: { low: Math.round(low), high: Math.round(high) },
    };
  });
}

function readingText({ amount, direction, directionStated }: NetworkUse): string {
  const written =
    amount.low === amount.high
      ? megabyteRate(amount.value)
      : `${asWritten(amount)}, which is ${rateRange(amount)} (MB or MiB)`;
  return `${written}, ${directionStated ? '' : 'assumed to be '}${direction === 'out' ? 'outbound' : 'inbound'}`;
}

const asWritten = ({ reading, value }: Amount) =>
  reading.unitAsWritten === undefined ? megabyteRate(value) : `${reading.unitAsWritten} a second`;

/** The reading reaches `limit` of the card for at least one of its capacities. */
export function reaches({ capacities }: NetworkUse, limit: number): boolean {
  return capacities.some(({ share }) => share.high >= limit);
}

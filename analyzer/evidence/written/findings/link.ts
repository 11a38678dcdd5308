// Reports what the written facts about a network card leave open.

import type { Finding } from '../../../../core/documents/analysis.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import { linkCeilings } from '../../../../core/wire/ethernet.ts';
import type { Figures } from '../figures.ts';
import { networkUses } from '../network-limit.ts';
import { evidenceOf, exact, megabyteRate } from '../figure-text.ts';
import { bitRateText } from '../../../../core/text/quantity-text.ts';

export function directionNotStated(figures: Figures): Finding | undefined {
  const open = networkUses(figures).find(({ directionStated }) => !directionStated);
  if (open === undefined) return undefined;
  return {
    severity: 'info',
    code: 'direction-not-stated',
    message:
      `The network figure does not say its direction. It is taken as ${open.direction}, the larger one for this topology by arithmetic; ` +
      '`sar -n DEV 1` shows both, and each has the whole speed of a full-duplex card.',
    evidence: [evidenceOf(open.amount.reading)],
  };
}

export function lineRateMisstated({ link, theoreticalLimit }: Figures, policy: Policy): Finding | undefined {
  if (link === undefined || theoreticalLimit === undefined) return undefined;
  const { nominal, counter } = linkCeilings(link.bitsPerSecond);
  const { value, reading } = theoreticalLimit;
  if (Math.abs(value / nominal - 1) <= policy.readings.statedRateShare.value) return undefined;
  return {
    severity: 'info',
    code: 'line-rate-misstated',
    message:
      `The text calls ${reading.unitAsWritten ?? megabyteRate(value)} a second the theoretical rate of the card. ${bitRateText(link.bitsPerSecond)} is ${megabyteRate(nominal)} or ${exact(nominal / 2 ** 20)} MiB/s, ` +
      `and interface counters show ${megabyteRate(counter)} (${exact(counter / 2 ** 20)} MiB/s) of it at most.`,
    evidence: [
      evidenceOf(reading),
      { name: 'nominal-bytes-per-second', value: nominal, unit: 'bytes/s', source: 'speed over 8' },
      {
        name: 'counter-ceiling-bytes-per-second',
        value: counter,
        unit: 'bytes/s',
        source: 'Ethernet framing, IEEE 802.3',
      },
    ],
  };
}

/** What to record next time, so that the verdict can be more than one reading. */
export function oneReading({ master }: Figures): Finding {
  return {
    severity: 'info',
    code: 'one-reading',
    message:
      `One reading does not allow a fit, so the growth of resource use with load is unknown. A run in steps with bytes in and out of ${master}, the lag of every follower and group, ` +
      'and await and utilisation of its disk would settle what is open here.',
    evidence: [],
  };
}

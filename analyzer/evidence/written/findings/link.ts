// Reports what the written facts about a network card leave open.

import type { Finding } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import { linkCeilings } from '../../../../core/wire/ethernet.ts';
import type { Figures } from '../figures.ts';
import { networkUses } from '../network-limit.ts';

export function directionNotStated(figures: Figures): Finding | undefined {
  const open = networkUses(figures).find(({ directionStated }) => !directionStated);
  return open && findingOf('direction-not-stated', { direction: open.direction, reading: open.amount.reading });
}

export function lineRateMisstated({ link, theoreticalLimit }: Figures, policy: Policy): Finding | undefined {
  if (link === undefined || theoreticalLimit === undefined) return undefined;
  const { bitsPerSecond } = link;
  const { nominal: nominalBytes, counter: counterBytes } = linkCeilings(bitsPerSecond);
  const { value: statedBytes, reading } = theoreticalLimit;
  if (Math.abs(statedBytes / nominalBytes - 1) <= policy.readings.statedRateShare.value) return undefined;
  return findingOf('line-rate-misstated', { reading, statedBytes, bitsPerSecond, nominalBytes, counterBytes });
}

/** States what to record next time, so that the verdict can use more than one reading. */
export const oneReading = ({ master }: Figures): Finding => findingOf('one-reading', { master });

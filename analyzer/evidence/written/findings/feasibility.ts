// Detects written figures that are physically impossible, such as more bytes than the network card can move.

import type { Finding } from '../../../../core/documents/analysis.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import { linkCeilings } from '../../../../core/wire/ethernet.ts';
import type { Figures } from '../figures.ts';
import { networkUses } from '../network-limit.ts';
import { bodiesPerMessage, statedTraffic } from '../traffic.ts';
import { evidenceOf, exact, megabyteRate, tpsText } from '../figure-text.ts';
import { bitRateText, pluralText } from '../../../../core/text/quantity-text.ts';

/** Payload alone exceeds the card's capacity: no setting and no compression of headers helps. */
export function physicallyInfeasible(figures: Figures): Finding | undefined {
  const { link, messageBytes, topology, tpsPerMaster, master } = figures;
  if (link === undefined) return undefined;
  // Consumers without a stated group are left out, so that the result is a lower bound.
  const bodies = bodiesPerMessage({ ...statedTraffic(figures), groups: topology.consumerGroups ?? 0 });
  const direction = bodies.out > bodies.in ? 'out' : 'in';
  const needed = bodies[direction] * tpsPerMaster;
  const { payload } = linkCeilings(link.bitsPerSecond);
  if (needed <= payload) return undefined;
  const carried = payload / bodies[direction];
  return {
    severity: 'critical',
    code: 'physically-infeasible',
    message:
      `These figures cannot all be true in steady state. Bodies alone, ${exact(messageBytes)} bytes ${direction === 'out' ? `to ${pluralText(topology.followersPerMaster, 'follower')}` : 'received'} ` +
      `at ${tpsText(tpsPerMaster)} messages/s, need ${megabyteRate(needed)} ${direction} of ${master}; a ${bitRateText(link.bitsPerSecond)} card carries ${megabyteRate(payload)} of payload. ` +
      `Even without headers it saturates at ${tpsText(carried)} messages/s. Either a figure is wrong, or replicas fell behind and the rate was not sustained.`,
    evidence: [
      { name: 'bodies-bytes-per-second', value: needed, unit: 'bytes/s', source: 'rate × message size × copies' },
      {
        name: 'payload-ceiling-bytes-per-second',
        value: payload,
        unit: 'bytes/s',
        source: 'Ethernet framing, IEEE 802.3',
      },
      { name: 'bodies-only-tps', value: carried, unit: 'messages/s', source: 'payload ceiling over bodies' },
    ],
  };
}

/** A card shows more than its capacity, and by more than rounding. */
export function readingAboveCard(figures: Figures, policy: Policy): Finding | undefined {
  const { link, master } = figures;
  const most = link && ((1 + policy.readings.roundedShare.value) * link.bitsPerSecond) / 8;
  const above = networkUses(figures).find(({ amount }) => most !== undefined && amount.low > most);
  if (link === undefined || above === undefined) return undefined;
  return {
    severity: 'critical',
    code: 'physically-infeasible',
    message:
      `These figures cannot all be true: ${megabyteRate(above.amount.low)} ${above.direction} of ${master} is more than the ${megabyteRate(link.bitsPerSecond / 8)} ` +
      `that ${bitRateText(link.bitsPerSecond)} carries in one direction. Either the reading adds up both directions or several cards, or the speed is another.`,
    evidence: [evidenceOf(above.amount.reading)],
  };
}

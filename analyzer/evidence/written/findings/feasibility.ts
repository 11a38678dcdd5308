// Detects written figures that are physically impossible, such as more bytes than the network card can move.

import type { Finding } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import { linkCeilings } from '../../../../core/wire/ethernet.ts';
import type { Figures } from '../figures.ts';
import { networkUses } from '../network-limit.ts';
import { bodiesPerMessage, statedTraffic } from '../traffic.ts';

/** The payload alone exceeds the card's capacity, so that no setting and no header compression helps. */
export function physicallyInfeasible(figures: Figures): Finding | undefined {
  const { link, messageBytes, topology, tpsPerMaster, master } = figures;
  if (link === undefined) return undefined;
  // Consumers without a stated group are excluded, so the result is a lower bound.
  const bodies = bodiesPerMessage({ ...statedTraffic(figures), groups: topology.consumerGroups ?? 0 });
  const direction = bodies.out > bodies.in ? 'out' : 'in';
  const needed = bodies[direction] * tpsPerMaster;
  const { payload } = linkCeilings(link.bitsPerSecond);
  if (needed <= payload) return undefined;
  return findingOf('physically-infeasible', {
    basis: 'bodies',
    messageBytes,
    direction,
    followers: topology.followersPerMaster,
    tps: tpsPerMaster,
    master,
    neededBytes: needed,
    payloadBytes: payload,
    bitsPerSecond: link.bitsPerSecond,
    mostTps: payload / bodies[direction],
  });
}

/** The reading exceeds the card's capacity by more than rounding. */
export function readingAboveCard(figures: Figures, policy: Policy): Finding | undefined {
  const { link, master } = figures;
  const most = link && ((1 + policy.readings.roundedShare.value) * link.bitsPerSecond) / 8;
  const above = networkUses(figures).find(({ amount }) => most !== undefined && amount.low > most);
  if (link === undefined || above === undefined) return undefined;
  return findingOf('physically-infeasible', {
    basis: 'reading',
    statedBytes: above.amount.low,
    direction: above.direction,
    master,
    bitsPerSecond: link.bitsPerSecond,
    reading: above.amount.reading,
  });
}

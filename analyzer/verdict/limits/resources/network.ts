// Assesses links per direction: bytes on the wire compared with the stated speed; without a speed, the capacity is unknown.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { HostInterval, HostSeries } from '../../../evidence/load-test-run.ts';
import type { Assessment, NodeSeries, ObservedStep, ResourceModel } from './model.ts';
import { bitRateText } from '../../../../core/text/quantity-text.ts';
import { meanOf, useOf } from './use.ts';
import { segmentHeaders, segmentPayload, uncountedPerFrame } from '../../../../core/wire/ethernet.ts';

export const networkOf = (direction: 'in' | 'out'): ResourceModel => ({
  resource: `network-${direction}`,
  requires: 'counters of a network card and its speed',
  kind: 'network',
  assess: (steps, series) => assessDirection(direction, steps, series),
});

function assessDirection(
  direction: 'in' | 'out',
  steps: readonly ObservedStep[],
  { node, host }: NodeSeries,
): Assessment {
  const cards = (host.inventory?.networkDevices ?? []).flatMap(({ device, speed }) => {
    if (speed === undefined) return [];
    const uses = steps.map((step) => useOf(step, figureOf(device, `${direction}BytesPerSecond`)));
    const ceiling = host.cardCeilings?.find((each) => each.device === device && each.direction === direction);
    const capacity = ceiling?.bytesPerSecond ?? speed.bitsPerSecond / 8;
    const source = ceiling === undefined ? speed.source : `measured, stated are ${bitRateText(speed.bitsPerSecond)}`;
    const fullest = Math.max(...uses.map((use) => (use?.mean ?? Number.NEGATIVE_INFINITY) / capacity));
    return Number.isFinite(fullest) ? [{ device, capacity, uses, fullest, source }] : [];
  });
  // With several cards, the fullest one limits the node.
  const [card] = cards.sort((a, b) => b.fullest - a.fullest);
  if (card === undefined || hasBusierCard(direction, steps, host)) return unknownLink(node, host);
  return {
    kind: 'measured',
    capacity: {
      value: card.capacity,
      unit: 'bytes/s',
      source: `${card.device} at ${bitRateText(card.capacity * 8)}: ${card.source}`,
    },
    device: card.device,
    uses: card.uses,
    overhead: steps.map((step) => overhead(direction, card.device, step)),
  };
}

/** Counters of a bond, bridge or VLAN repeat those of the underlying cards, within this share. */
const repeated = 0.05;

/** Returns whether a card of unknown speed moves more than all cards of known speed, so that the traffic must pass through it. */
function hasBusierCard(direction: 'in' | 'out', steps: readonly ObservedStep[], { inventory }: HostSeries): boolean {
  const cards = inventory?.networkDevices ?? [];
  const bytesOf = (step: ObservedStep, device: string) =>
    meanOf(step, figureOf(device, `${direction}BytesPerSecond`)) ?? 0;
  const sumOf = (step: ObservedStep, some: readonly { device: string }[]) =>
    some.reduce((sum, { device }) => sum + bytesOf(step, device), 0);
  const [known, unknown] = [true, false].map((is) => cards.filter(({ speed }) => (speed !== undefined) === is)) as [
    typeof cards,
    typeof cards,
  ];
  return steps.some((step) => unknown.some((card) => sumOf(step, [card]) > (1 + repeated) * sumOf(step, known)));
}

type Figure = `${'in' | 'out'}${'Bytes' | 'Frames'}PerSecond`;

const figureOf =
  (device: string, figure: Figure) =>
  ({ network }: HostInterval): number | undefined =>
    network?.find((each) => each.device === device)?.[figure];

function overhead(direction: 'in' | 'out', device: string, step: ObservedStep): number | undefined {
  const trafficOf = (of: 'in' | 'out') => {
    const bytesPerSecond = meanOf(step, figureOf(device, `${of}BytesPerSecond`));
    const framesPerSecond = meanOf(step, figureOf(device, `${of}FramesPerSecond`));
    return bytesPerSecond !== undefined && framesPerSecond !== undefined
      ? { bytesPerSecond, framesPerSecond }
      : undefined;
  };
  const [own, other] = [trafficOf(direction), trafficOf(direction === 'in' ? 'out' : 'in')];
  return own && other && savedByFullSegments(own, other);
}

function unknownLink(node: string, host: HostSeries): Assessment {
  const cards = host.inventory?.networkDevices ?? [];
  const unstated = cards.filter(({ speed }) => speed === undefined);
  const names = (devices: readonly { device: string }[]) => devices.map(({ device }) => device);
  const reason =
    cards.length === 0
      ? ({ kind: 'no-card' } as const)
      : unstated.length > 0
        ? ({ kind: 'speed-unknown', devices: names(unstated), host: host.host } as const)
        : ({ kind: 'not-read', devices: names(cards) } as const);
  return { kind: 'unknown', finding: findingOf('network-capacity-unknown', { node, reason }) };
}

/** One direction of a card. */
interface CardTraffic {
  /** Bytes on the wire: counter bytes plus 24 per frame. */
  bytesPerSecond: number;
  framesPerSecond: number;
}

const perFrame = segmentHeaders + uncountedPerFrame;

/**
 * Below saturation, each response, pull or push is sent in a separate segment. When packets queue at the card, the
 * kernel limits each connection to a few segments (TCP small queues, net.ipv4.tcp_limit_output_bytes), and later writes
 * fill the next segment. Then segments are full, and the other direction has one bare acknowledgement per two full
 * segments (RFC 9293, 3.8.6.3).
 *
 * @param own the direction at saturation
 * @param other the direction whose acknowledgements it includes
 * @returns a share of the bytes on the wire; 0 if there are as few frames already, as with jumbo frames and cards that
 * count packets before splitting them
 */
export function savedByFullSegments(own: CardTraffic, other: CardTraffic): number {
  const payload = payloadOf(own);
  const frames = payload / segmentPayload + payloadOf(other) / (2 * segmentPayload);
  const spared = perFrame * (own.framesPerSecond - frames);
  return own.bytesPerSecond > 0 ? Math.max(0, spared / own.bytesPerSecond) : 0;
}

const payloadOf = ({ bytesPerSecond, framesPerSecond }: CardTraffic) =>
  Math.max(0, bytesPerSecond - perFrame * framesPerSecond);

// Computes the real capacity of each network interface: of a bond from its members, of a VLAN from the card below it.

import type { Bond, HostInventory, HostReading, Link } from '../core/documents/evidence/host-reading.ts';
import type { Direction } from '../core/wire/ethernet.ts';

/** Bits per second in each direction; absent if unknown. */
export type LinkCapacity = Partial<Record<Direction, number>>;

/** Depth limit: a VLAN on a bond of cards is the deepest real stack, and names may form a loop. */
const deepest = 4;

type Speeds = Pick<HostInventory, 'networkDevices' | 'knownSpeeds'>;

/** @returns bits per second of each card with a known speed, by name; config takes precedence over the driver */
export function speedsOf({ networkDevices = [], knownSpeeds = [] }: Speeds): ReadonlyMap<string, number> {
  const speeds = [...knownSpeeds, ...networkDevices].flatMap(({ device, speed }) =>
    speed === undefined ? [] : [[device, speed.bitsPerSecond] as const],
  );
  return new Map(speeds);
}

/** @returns capacity of each card that is known in at least one direction, by name */
export function linkCapacities(
  inventory: Speeds,
  { bonds = [], links = [] }: Pick<HostReading, 'bonds' | 'links'>,
): ReadonlyMap<string, LinkCapacity> {
  const speeds = speedsOf(inventory);

  function capacityOf(device: string, depth: number): LinkCapacity {
    const speed = speeds.get(device);
    if (speed !== undefined) return { receive: speed, transmit: speed };
    if (depth === deepest) return {};
    const bond = bonds.find((candidate) => candidate.device === device);
    if (bond !== undefined) return bondCapacity(bond, (member) => capacityOf(member, depth + 1));
    const lower = lowerOf(device, links);
    return lower === undefined ? {} : capacityOf(lower, depth + 1);
  }

  const devices = new Set([
    ...speeds.keys(),
    ...bonds.map(({ device }) => device),
    ...links.map(({ device }) => device),
  ]);
  const capacities = [...devices].map((device) => [device, capacityOf(device, 0)] as const);
  return new Map(capacities.filter(([, { receive, transmit }]) => receive !== undefined || transmit !== undefined));
}

type Cards = NonNullable<HostInventory['networkDevices']>;

/**
 * @returns the same cards; a card without a speed gets the speed of the cards below it, if it is equal in both
 * directions
 */
export function withSpeedsBelow(
  networkDevices: Cards,
  knownSpeeds: Speeds['knownSpeeds'],
  reading: Pick<HostReading, 'bonds' | 'links'>,
): Cards {
  const capacities = linkCapacities({ networkDevices, knownSpeeds }, reading);
  return networkDevices.map((card) => {
    const { receive, transmit } = capacities.get(card.device) ?? {};
    if (card.speed !== undefined || receive === undefined || receive !== transmit) return card;
    const isBond = reading.bonds?.some(({ device }) => device === card.device);
    return { ...card, speed: { bitsPerSecond: receive, source: isBond ? 'members of the bond' : 'card of the VLAN' } };
  });
}

/**
 * Returns the card below a VLAN. Other kinds also have a lower card (macvlan, veth), but share it or do not have it on
 * this host.
 */
function lowerOf(device: string, links: readonly Link[]): string | undefined {
  const link = links.find((candidate) => candidate.device === device);
  if (link?.kind !== 'vlan') return undefined;
  return links.find(({ numbers }) => numbers['ifindex'] === link.numbers['iflink'])?.device;
}

/** Documentation/networking/bonding.rst: which members send and which receive, by mode. */
function bondCapacity({ mode = '', carriers = [] }: Bond, capacityOf: (member: string) => LinkCapacity): LinkCapacity {
  const members = carriers.map(capacityOf);
  const [active] = members;
  const sum = (direction: keyof LinkCapacity) => {
    const known = members.flatMap((member) => member[direction] ?? []);
    return known.length === members.length && known.length > 0 ? known.reduce((a, b) => a + b) : undefined;
  };
  if (mode.includes('active-backup')) return active ?? {};
  const transmit = mode.includes('broadcast') ? active?.transmit : sum('transmit');
  // Only adaptive load balancing, or a switch that is configured for the bond, distributes received traffic.
  const receive = mode.startsWith('transmit load balancing') ? active?.receive : sum('receive');
  return { ...(receive !== undefined && { receive }), ...(transmit !== undefined && { transmit }) };
}

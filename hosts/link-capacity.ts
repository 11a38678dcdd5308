// Computes the real capacity of each network card: a bond is its member cards, a VLAN is the card below it.

import type { Bond, HostInventory, HostReading, Link } from '../core/documents/evidence/host-reading.ts';
import type { Direction } from '../core/wire/ethernet.ts';

/** Bits per second of each direction; absent if unknown. */
export type LinkCapacity = Partial<Record<Direction, number>>;

/** A VLAN on a bond of cards is as deep as it gets; a loop of names must end somewhere. */
const deepest = 4;

type Speeds = Pick<HostInventory, 'networkDevices' | 'knownSpeeds'>;

/** @returns bits per second of each card whose speed is known, by name; config takes precedence over the driver */
export function speedsOf({ networkDevices = [], knownSpeeds = [] }: Speeds): ReadonlyMap<string, number> {
  const speeds = [...knownSpeeds, ...networkDevices].flatMap(({ device, speed }) =>
    speed === undefined ? [] : [[device, speed.bitsPerSecond] as const],
  );
  return new Map(speeds);
}

/** @returns cards whose capacity is known in one direction at least, by name */
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

/** @returns the same cards; one without a speed has that of the cards below it, where it is the same in both directions */
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

/** The card a VLAN runs on. Others have a lower card too (macvlan, veth), which is not theirs alone or not here at all. */
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
  // Only adaptive load balancing and a switch that knows of the bond spread what comes in.
  const receive = mode.startsWith('transmit load balancing') ? active?.receive : sum('receive');
  return { ...(receive !== undefined && { receive }), ...(transmit !== undefined && { transmit }) };
}

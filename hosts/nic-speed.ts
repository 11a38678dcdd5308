// Resolves the speed of a network card and its source. An unknown speed stays unknown instead of a guessed limit.

import type { StatedSpeed } from '../core/documents/evidence/host-reading.ts';

/** A network interface as /sys/class/net shows it. */
export interface NetworkCard {
  device: string;
  /** True if it has a bus device. Software devices (veth, bridge, bond, tun, dummy, vlan) have none. */
  isPhysical: boolean;
  /** True if it may be one of several cards that share a port (SR-IOV): the port's speed is then not the card's own. */
  isVirtualFunction: boolean;
  driver?: string;
  /** Master device, such as a bond. */
  master?: string;
  /** True if it has no cable or is switched off. */
  isDown?: boolean;
  reportedBitsPerSecond?: number;
}

/**
 * Drivers with a bus device that report a speed which is not a line rate. Sources are Linux kernel files if not stated
 * otherwise.
 */
const speedIsNoCapacity: Readonly<Record<string, string>> = {
  virtio_net: 'whatever the host wrote into the device, or anybody with ethtool (drivers/net/virtio_net.c)',
  vmxnet3: 'a setting of the virtual machine, 10 Gbit/s by default (drivers/net/vmxnet3)',
  hv_netvsc: 'the virtual switch port, shared with its other guests (drivers/net/hyperv)',
  vif: 'no link speed: xen-netfront answers through shared memory (drivers/net/xen-netfront.c)',
  ena: 'what the Nitro card names; the instance type limits it lower (Amazon EC2 instance network bandwidth)',
  gve: 'what the host names; the machine type limits egress lower (Google Compute Engine network bandwidth)',
  gvnic: 'the same driver as gve, by its first name',
  mana: 'the port of the host, shared between guests (drivers/net/ethernet/microsoft/mana)',
  iavf: 'the port of the physical function, shared (drivers/net/ethernet/intel/iavf)',
  i40evf: 'the same driver as iavf, by its first name',
  ixgbevf: 'the port of the physical function, shared (drivers/net/ethernet/intel/ixgbevf)',
  igbvf: 'the port of the physical function, shared (drivers/net/ethernet/intel/igbvf)',
  e1000: 'the card hypervisors emulate; real ones left the market in the 2000s (drivers/net/ethernet/intel/e1000)',
  '8139cp': 'the card hypervisors emulate (drivers/net/ethernet/realtek/8139cp.c)',
  pcnet32: 'the card hypervisors emulate (drivers/net/ethernet/amd/pcnet32.c)',
};

/**
 * Linux kernel drivers for both physical and virtual functions, which report the speed of the port. In a guest, e1000e
 * drives the card that hypervisors emulate.
 */
const driversOfBothFunctions: ReadonlySet<string> = new Set([
  'mlx4_core',
  'mlx5_core',
  'bnxt_en',
  'bnx2x',
  'qede',
  'be2net',
  'fm10k',
  'hinic',
  'hns3',
  'e1000e',
]);

export const servesVirtualFunctions = (driver: string | undefined): boolean =>
  driver !== undefined && driversOfBothFunctions.has(driver);

/** @param stated speed from config, which takes precedence */
export function speedOf(card: NetworkCard, stated: StatedSpeed | undefined): StatedSpeed | undefined {
  if (stated !== undefined) return stated;
  if (!card.isPhysical || card.isVirtualFunction || card.reportedBitsPerSecond === undefined) return undefined;
  if (card.driver === undefined || Object.hasOwn(speedIsNoCapacity, card.driver)) return undefined;
  return { bitsPerSecond: card.reportedBitsPerSecond, source: 'sysfs' };
}

/** @param wanted cards that config lists, whether they exist or not */
export function chooseCards(cards: readonly NetworkCard[], wanted: readonly string[] | undefined): NetworkCard[] {
  if (wanted === undefined) return trafficCards(cards);
  const named = new Map(cards.map((card) => [card.device, card]));
  return wanted.map((device) => named.get(device) ?? { device, isPhysical: false, isVirtualFunction: false });
}

/**
 * Selects the cards with cluster traffic if config does not list them: the physical ones, since a bond or bridge would
 * count their bytes twice; without any (a container, a namespace), every card except the loopback. A card that is down
 * has no traffic and reports no speed. In a cloud, the card of the virtual switch also counts the bytes of the virtual
 * function that it is the master of (drivers/net/hyperv).
 */
export function trafficCards(cards: readonly NetworkCard[]): NetworkCard[] {
  const outward = cards.filter(({ device, isDown }) => device !== 'lo' && isDown !== true);
  const physical = outward.filter(({ isPhysical }) => isPhysical);
  if (physical.length === 0) return outward;
  return physical.filter(({ master }) => !physical.some(({ device }) => device === master));
}

/**
 * @param text content of /sys/class/net/DEVICE/speed, in megabits per second; the kernel uses −1 in 32 or 16 bits and 0
 * for unknown
 */
export function parseSpeed(text: string): number | undefined {
  const [, megabits] = /^(\d+)\n$/.exec(text) ?? [];
  const value = Number(megabits ?? 0);
  return value === 0 || value === 0xffff || value >= 0x7fffffff ? undefined : value * 1e6;
}

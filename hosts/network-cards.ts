// Which network cards does a machine have? From /sys/class/net.

import { readdir, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseSpeed, type NetworkCard } from './nic-speed.ts';
import { readText } from './read-text.ts';

/** @throws as the file system does, when the folder itself cannot be read */
export async function readNetworkCards(sysfs: string, io: { signal: AbortSignal }): Promise<NetworkCard[]> {
  const folder = join(sysfs, 'class/net');
  const cards: NetworkCard[] = [];
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    // bonding_masters is a file between the cards' links.
    if (!entry.isFile()) cards.push(await readCard(join(folder, entry.name), io));
  }
  return cards;
}

async function readCard(folder: string, io: { signal: AbortSignal }): Promise<NetworkCard> {
  const driver = await orAbsent(readlink(join(folder, 'device/driver')));
  const state = await orAbsent(readText(join(folder, 'operstate'), io));
  // Reading the speed of a card that is down fails with EINVAL.
  const speed = parseSpeed((await orAbsent(readText(join(folder, 'speed'), io))) ?? '');
  io.signal.throwIfAborted();
  return {
    device: basename(folder),
    isPhysical: (await orAbsent(stat(join(folder, 'device')))) !== undefined,
    isVirtualFunction: (await orAbsent(stat(join(folder, 'device/physfn')))) !== undefined,
    ...(driver !== undefined && { driver: basename(driver) }),
    ...(state !== undefined && { isUp: state.trim() === 'up' }),
    ...(speed !== undefined && { reportedBitsPerSecond: speed }),
  };
}

function orAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch(() => undefined);
}

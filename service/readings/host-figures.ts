// Computes the resource use of a host between two readings, stored for the brokers on it.

import type { HostInventory, HostReading } from '../../core/documents/evidence/host-reading.ts';
import type { Figure } from './figures.ts';
import { loadsOf, type MachineSample } from '../../app/observe/machine-load.ts';
import { speedsOf } from '../../hosts/link-capacity.ts';

type HostValues = Partial<Record<Figure<'broker'>, number>>;

const figureOf = {
  cpu: 'cpuRatio',
  'disk-io': 'diskIoRatio',
  'network-in': 'networkInRatio',
  'network-out': 'networkOutRatio',
} as const;

export interface TimedReading {
  /** Time from a monotonic clock. */
  atSeconds: number;
  reading: HostReading;
}

/**
 * Uses the busiest of several disks or of several network cards that transfer broker traffic. Bytes of cards replace
 * the ratio if no link speed is known.
 */
export function hostValues(
  before: TimedReading,
  after: TimedReading,
  inventory: HostInventory | undefined,
): HostValues {
  const speeds = speedsOf({ networkDevices: inventory?.networkDevices });
  const sampleOf = ({ atSeconds, reading }: TimedReading): MachineSample => ({ atSeconds, reading, speeds });
  const values: HostValues = {};
  for (const { resource, busyRatio } of loadsOf(sampleOf(before), sampleOf(after))) {
    const figure = figureOf[resource];
    values[figure] = Math.max(values[figure] ?? 0, busyRatio);
  }
  return values.networkInRatio === undefined ? { ...values, ...cardRates(before, after, inventory) } : values;
}

function cardRates(before: TimedReading, after: TimedReading, inventory: HostInventory | undefined): HostValues {
  const seconds = after.atSeconds - before.atSeconds;
  const carrying = new Set(inventory?.networkDevices?.map(({ device }) => device));
  let [received, sent] = [0, 0];
  let cards = 0;
  for (const now of after.reading.networkDevices ?? []) {
    const earlier = before.reading.networkDevices?.find(({ device }) => device === now.device);
    if (earlier === undefined || !carrying.has(now.device) || !(seconds > 0)) continue;
    const [bytesIn, bytesOut] = [now.receiveBytes - earlier.receiveBytes, now.transmitBytes - earlier.transmitBytes];
    // The counters were reset.
    if (bytesIn < 0 || bytesOut < 0) continue;
    cards++;
    received += bytesIn;
    sent += bytesOut;
  }
  return cards === 0 ? {} : { networkInBytesPerSecond: received / seconds, networkOutBytesPerSecond: sent / seconds };
}

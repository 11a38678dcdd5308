// Reproduces Amazon's sizing script for MSK: limits, factors, rounding and us-east-1 prices.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const Price = z.number().positive();
const Brokers = z.strictObject({
  source: z.string(),
  standard: z.record(
    z.string(),
    z.strictObject({ storageMiBs: z.number(), networkMiBs: z.number(), partitions: z.number(), hourly: Price }),
  ),
  express: z.record(z.string(), z.strictObject({ ingressMiBs: z.number(), partitions: z.number(), hourly: Price })),
});

/** Rates in MiB per second. */
export interface MskLoad {
  averageIn: number;
  peakIn: number;
  peakOut: number;
  /** Number of partitions, including replicas. */
  partitions: number;
  replicas: number;
  retentionHours: number;
  /** Hours kept on the brokers' disks; older data goes to tiered storage. */
  primaryHours: number;
}

interface MskAnswer {
  type: string;
  brokers: number;
  limitedBy: 'ingress' | 'egress' | 'partitions' | 'storage';
  monthlyCost: number;
}

/*
 * One of three zones is down: consumers of the others read 3/2. Per unit of ingress, a broker's volume handles 1.5
 * ingress, 1.5 incoming copies, 0.5 lagging readers and 3.0 rebalancing, and 1.5 more with tiered storage; its network
 * interface sends 2.2 copies, 0.5 and 3.0, and 1.5 more.
 */
const zones = 3;
const volume = { base: 6.5, tiered: 1.5 };
const card = { base: 5.7, tiered: 1.5 };
const diskBuffer = 2;
const largestVolumeGiB = 16_384;
const used = { standard: 0.5, express: 0.75 };
const expressEgress = 2.5;
const hours = 730;
const prices = { diskGiB: 0.1, tieredGiB: 0.023, expressInGiB: 0.01, crossZoneGiB: 0.02 };

const inZones = (demand: number, capacity: number) => Math.ceil(Math.ceil(demand / capacity) / zones) * zones;

export function mskStandard(load: MskLoad): MskAnswer[] {
  const isTiered = load.retentionHours > load.primaryHours;
  const diskGiB = ((load.averageIn * load.primaryHours * 3600 * load.replicas) / 1024) * diskBuffer;
  const tieredGiB = (load.averageIn * (load.retentionHours - load.primaryHours) * 3600) / 1024;
  const fanOut = load.peakOut / load.peakIn;
  const perVolume = volume.base + (isTiered ? volume.tiered : 0);
  const perCard = (fanOut * zones) / (zones - 1) + card.base + (isTiered ? card.tiered : 0);
  const rest = diskGiB * prices.diskGiB + (isTiered ? tieredGiB * prices.tieredGiB : 0) + crossZone(load);
  return Object.entries(readMskBrokers().standard).map(([type, { storageMiBs, networkMiBs, partitions, hourly }]) => {
    const ingress = Math.min(storageMiBs / perVolume, networkMiBs / perCard) * used.standard;
    return answer(type, hourly, rest, {
      ingress: inZones(load.peakIn, ingress),
      egress: inZones(load.peakOut, fanOut * ingress),
      partitions: inZones(load.partitions, partitions),
      storage: inZones(diskGiB, largestVolumeGiB),
    });
  });
}

export function mskExpress(load: MskLoad): MskAnswer[] {
  const monthlyIn = (load.averageIn * 3600 * hours) / 1024;
  const kept = (load.averageIn * load.retentionHours * 3600) / 1024;
  const rest = kept * prices.diskGiB + monthlyIn * prices.expressInGiB + crossZone(load);
  return Object.entries(readMskBrokers().express).map(([type, { ingressMiBs, partitions, hourly }]) =>
    answer(type, hourly, rest, {
      ingress: inZones(load.peakIn, ingressMiBs * used.express),
      egress: inZones(load.peakOut, ingressMiBs * expressEgress),
      partitions: inZones(load.partitions, partitions),
      storage: 0,
    }),
  );
}

/** Default quota of brokers per cluster. */
const quota = 60;

/** Returns the cheapest answer within the quota. */
export function cheapest(answers: readonly MskAnswer[]): MskAnswer | undefined {
  return answers.filter(({ brokers }) => brokers <= quota).toSorted((one, two) => one.monthlyCost - two.monthlyCost)[0];
}

/** Consumers read in their own zone; producers do not. */
function crossZone({ averageIn }: MskLoad): number {
  return ((averageIn * (zones - 1)) / zones) * 3600 * hours * (prices.crossZoneGiB / 1024);
}

function answer(type: string, hourly: number, rest: number, needed: Record<MskAnswer['limitedBy'], number>): MskAnswer {
  const names = Object.keys(needed) as MskAnswer['limitedBy'][];
  const limitedBy = names.reduce((most, name) => (needed[name] > needed[most] ? name : most));
  const brokers = needed[limitedBy];
  return { type, brokers, limitedBy, monthlyCost: brokers * hourly * hours + rest };
}

function readMskBrokers(): z.infer<typeof Brokers> {
  return Brokers.parse(parse(readFileSync(new URL('./msk-brokers.yaml', import.meta.url), 'utf8')));
}

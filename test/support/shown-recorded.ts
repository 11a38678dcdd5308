// Provides a day of recorded readings for pages: two clusters with a wave of load, an outage, and a group whose lag grows.

import type { LagTimes } from '../../exporter/lag/lag-times.ts';
import { ClusterReadings } from '../../service/readings/cluster-readings.ts';
import type { PartReading } from '../../service/readings/figures.ts';
import type { ReadingsReader } from '../../service/readings/readings-reader.ts';
import { defined } from '../../core/defined.ts';
import { gcTotals, heapMaxBytes } from './shown-gc.ts';
import { carriedAt, lagSecondsOf } from './shown-readings.ts';

const minuteMs = 60_000;
/** Share of the peak at the end of the record. */
export const endShare = 0.72;

/** All clusters get the same readings, except that `down` lacks the last half hour. */
export function shownRecorded(
  at: string,
  clusters: Readonly<Record<string, { brokers: readonly string[]; peakTps: number; isDown?: boolean; hours?: number }>>,
): ReadingsReader {
  const nowMs = Date.parse(at);
  const budget = { usedBytes: 0, mostBytes: Infinity };
  const known = new Map<string, ClusterReadings>();
  return {
    of(cluster) {
      const about = clusters[cluster];
      if (about === undefined) return undefined;
      const readings = known.get(cluster) ?? new ClusterReadings(budget);
      if (!known.has(cluster)) fill(readings, nowMs, about);
      known.set(cluster, readings);
      readings.lagTimes = lagTimes;
      return readings;
    },
    usage: () => ({ bytes: budget.usedBytes, mostBytes: 256 * 1024 * 1024 }),
  };
}

/** The last master is the bottleneck of the load tests, and reaches 80% at their safe maximum. */
export const busiestLink = (produceTps: number): number => (0.8 * produceTps) / 21_841;

/** Time lags of the last reading. */
const lagTimes: LagTimes = {
  clampedTotal: 0,
  openTransactionSeconds: () => undefined,
  of: (group) => ({
    seconds: lagSecondsOf[group === 'warehouse' ? group : 'billing'],
    method: 'interpolated',
    ageSeconds: 10,
  }),
};

function fill(
  readings: ClusterReadings,
  nowMs: number,
  {
    brokers,
    peakTps,
    isDown = false,
    hours = 24,
  }: { brokers: readonly string[]; peakTps: number; isDown?: boolean; hours?: number },
): void {
  for (let minute = -60 * hours; minute <= 0; minute++) {
    const isOut = (minute > -130 && minute < -118) || (isDown && minute > -30);
    if (isOut) continue;
    const atMs = nowMs + minute * minuteMs;
    const at = { atMs, fromMs: atMs - minuteMs };
    const wave = endShare + 0.25 * Math.sin((minute / 1440) * 2 * Math.PI) + 0.01 * Math.sin(minute * 1.7);
    const wholeTps = peakTps * wave * (minute % 180 === -60 ? 1.15 : 1);
    // A topic with a tenth of the load is new.
    const isBefore = minute < -39;
    const produceTps = isBefore ? 0.9 * wholeTps : wholeTps;
    const { topics, groups } = carriedAt(wholeTps, 'another');
    const consumeTps = Object.values(groups).reduce((sum, each) => sum + each.consumeTps, 0);
    readings.add('cluster', [{ of: 'cluster', name: '', values: { produceTps, consumeTps } }], at);
    const consumedBy = (group: string) => groups[group]?.consumeTps ?? 0;
    const masters = brokers.filter((name) => !/:[1-9]/.test(name));
    readings.add(
      'broker',
      // Broker 3 of Kafka does not respond.
      brokers
        .filter((name) => name !== '3' || minute < -19)
        .map((name, index): PartReading<'broker'> => {
          const part = wave * (1 - 0.08 * index);
          return {
            of: 'broker',
            name,
            values: {
              ...(masters.includes(name) && { produceTps: produceTps / masters.length }),
              cpuRatio: (0.29 * (1 - 0.08 * index) * produceTps) / 21_841,
              networkInRatio: ((name === masters.at(-1) ? 0.67 : 0.65) * produceTps) / 21_841,
              networkOutRatio:
                name === masters.at(-1)
                  ? busiestLink(produceTps)
                  : masters.includes(name)
                    ? (0.74 * produceTps) / 21_841
                    : 0.02,
              diskIoRatio: 0.3 * part,
              diskSpaceRatio: 0.5 + 0.0001 * (minute + 1440) - 0.02 * index,
              // RocketMQ: from GC logs, of which only the first is followed.
              ...((!name.includes(':') || index === 0) && {
                heapRatio: ((1 - 0.1 * index) * (gcTotals(minute / 60 + 24).heap?.afterBytes ?? 0)) / heapMaxBytes,
              }),
            },
          };
        }),
      at,
    );
    const behind = Math.max(0, minute + 90) * 40;
    readings.add(
      'group',
      [
        {
          of: 'group',
          name: 'billing',
          values: {
            lagMessages: Number(groups['billing']?.lag),
            lagSeconds: lagSecondsOf.billing,
            consumeTps: consumedBy('billing'),
          },
          weight: 9,
        },
        {
          of: 'group',
          name: 'warehouse',
          values: {
            lagMessages: (2 + behind / 30) * (topics['order-created']?.produceTps ?? 0),
            lagSeconds: 2 + behind / 30,
            consumeTps: consumedBy('warehouse'),
          },
          weight: 10,
        },
      ],
      at,
    );
    const shown = ['order-paid', 'order-created', ...(isBefore ? [] : ['order-returned'])];
    readings.add(
      'topic',
      shown.map((name, index) => {
        const group = Object.values(groups).find(({ topic }) => topic === name);
        const values = defined({ produceTps: topics[name]?.produceTps, consumeTps: group?.consumeTps });
        return { of: 'topic', name, values, weight: index === 1 ? 2 : 1 };
      }),
      at,
    );
  }
}

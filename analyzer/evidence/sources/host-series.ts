// Builds the intervals and the inventory of each host from figure series.

import type { HostInventory, StatedSpeed } from '../../../core/documents/evidence/host-reading.ts';
import type { HostInterval, HostSeries } from '../load-test-run.ts';
import type { StatedHost } from './config.ts';
import { figureOf, type FigureName } from './figures.ts';
import { lastOf, ofFigure, slotsOf, type FigureSeries, type KnownFigure } from './figure-series.ts';
import { defined } from '../../../core/defined.ts';

type Slot = ReadonlyMap<FigureName, readonly KnownFigure[]>;

export function hostSeriesOf(
  all: readonly FigureSeries[],
  stated: Readonly<Record<string, StatedHost>>,
): Map<string, HostSeries> {
  const hosts = Map.groupBy(
    all.filter(({ figure }) => figureOf(figure).of === 'host'),
    ({ target }) => target,
  );
  return new Map(
    [...hosts].map(([host, series]): [string, HostSeries] => {
      const inventory = inventoryOf(host, series, stated[host] ?? {});
      return [host, { host, inventory, intervals: intervalsOf(series, inventory), readBy: readBy(series) }];
    }),
  );
}

function readBy(series: readonly FigureSeries[]): NonNullable<HostSeries['readBy']> {
  const sourceOf = (figure: FigureName) => series.find((each) => each.figure === figure)?.source;
  return defined({
    cpu: sourceOf('busyCores'),
    network: sourceOf('networkInBytesPerSecond'),
    disks: sourceOf('diskBusy'),
    memory: sourceOf('memoryUsedBytes'),
  });
}

function inventoryOf(host: string, series: readonly FigureSeries[], stated: StatedHost): HostInventory {
  const last = (figure: FigureName) => {
    const found = series.find((each) => each.figure === figure);
    return found && lastOf(found);
  };
  const cores = last('cores');
  const addresses = [...new Set(series.flatMap((each) => each.addresses))].filter((each) => each !== host);
  const networkDevices = cardsOf(series, stated);
  const links = speedsOf(series, 'reportedLinkBytesPerSecond').map(([device, { bitsPerSecond }]) => {
    return { device, reportedBitsPerSecond: bitsPerSecond };
  });
  return {
    host,
    // A CPU quota may allow half a core: the inventory includes only whole numbers, intervals the exact value.
    ...(cores !== undefined && Number.isInteger(cores) && cores > 0 && { cores }),
    ...defined({ memoryBytes: last('memoryTotalBytes') }),
    ...(networkDevices.length > 0 && { networkDevices }),
    ...(links.length > 0 && { links }),
    ...(addresses.length > 0 && { addresses }),
    ...(stated.dirtyThreshold !== undefined &&
      stated.dirtyExpire !== undefined && {
        writeback: { expireSeconds: stated.dirtyExpire, dirtyThresholdBytes: stated.dirtyThreshold },
      }),
  };
}

/** @returns cards with the last known speed of a figure */
function speedsOf(series: readonly FigureSeries[], figure: FigureName): [string, StatedSpeed][] {
  return ofFigure(series, figure).flatMap((each): [string, StatedSpeed][] => {
    const speed = lastOf(each);
    if (speed === undefined || each.device === undefined) return [];
    return [[each.device, { bitsPerSecond: speed * 8, source: each.source }]];
  });
}

/** The configured cards; otherwise those with a known speed, and the one with the most traffic. */
function cardsOf(series: readonly FigureSeries[], stated: StatedHost): NonNullable<HostInventory['networkDevices']> {
  const statedSpeed =
    stated.speed === undefined
      ? undefined
      : { bitsPerSecond: stated.speed, source: stated.speedSource ?? 'config, sources' };
  const known = new Map(speedsOf(series, 'linkBytesPerSecond'));
  const busiest = busiestCard(series);
  const devices =
    stated.devices ??
    new Set([...(statedSpeed === undefined ? known.keys() : []), ...(busiest === undefined ? [] : [busiest])]);
  return [...devices].map((device) => ({ device, ...defined({ speed: statedSpeed ?? known.get(device) }) }));
}

function busiestCard(series: readonly FigureSeries[]): string | undefined {
  const sums = new Map<string, number>();
  for (const { figure, device, values } of series) {
    if (device === undefined) continue;
    if (figure !== 'networkInBytesPerSecond' && figure !== 'networkOutBytesPerSecond') continue;
    const sum = values.reduce((total, value) => total + (Number.isNaN(value) ? 0 : value), 0);
    sums.set(device, (sums.get(device) ?? 0) + sum);
  }
  return [...sums].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}

function intervalsOf(series: readonly FigureSeries[], { cores }: HostInventory): HostInterval[] {
  const all: HostInterval[] = [];
  for (const { from, to, known } of slotsOf(series)) {
    const slot = Map.groupBy(known, ({ figure }) => figure);
    const sections = sectionsOf(slot, cores);
    if (Object.keys(sections).length > 0) all.push({ from, to, ...sections });
  }
  return all.toSorted((a, b) => a.from - b.from);
}

function sectionsOf(slot: Slot, knownCores: number | undefined): Omit<HostInterval, 'from' | 'to'> {
  const value = (figure: FigureName) => slot.get(figure)?.[0]?.value;
  const byDevice = (figure: FigureName) =>
    new Map((slot.get(figure) ?? []).map((each) => [each.device ?? '', each.value] as const));
  const busyCores = value('busyCores');
  const cores = value('cores') ?? knownCores;
  const usedBytes = value('memoryUsedBytes');
  const totalBytes = value('memoryTotalBytes');
  const out = byDevice('networkOutBytesPerSecond');
  const backlogs = byDevice('networkBacklogBytes');
  const network = [...byDevice('networkInBytesPerSecond')].flatMap(([device, inBytesPerSecond]) => {
    const outBytesPerSecond = out.get(device);
    if (outBytesPerSecond === undefined) return [];
    return [{ device, inBytesPerSecond, outBytesPerSecond, ...defined({ backlogBytes: backlogs.get(device) }) }];
  });
  const written = byDevice('diskWrittenBytesPerSecond');
  const awaits = byDevice('diskAwaitSeconds');
  const disks = [...byDevice('diskBusy')].flatMap(([device, busy]) => {
    const writtenBytesPerSecond = written.get(device);
    if (writtenBytesPerSecond === undefined) return [];
    return [{ device, busy, writtenBytesPerSecond, ...defined({ awaitSeconds: awaits.get(device) }) }];
  });
  return {
    ...(busyCores !== undefined &&
      cores !== undefined && {
        cpu: {
          busyCores,
          cores,
          iowaitCores: value('iowaitCores') ?? 0,
          stealCores: value('stealCores') ?? 0,
          ...defined({ hottestCore: value('hottestCore') }),
        },
      }),
    ...(network.length > 0 && { network }),
    ...(disks.length > 0 && { disks }),
    ...defined({ retransmitsPerSecond: value('retransmitsPerSecond') }),
    ...(usedBytes !== undefined &&
      totalBytes !== undefined && { memory: { usedBytes: Math.max(0, usedBytes), totalBytes } }),
  };
}

// Which number of a row is which figure of an interval? One layout for all intervals in which the same sections and devices were read.

import type { HostInterval } from '../load-test-run.ts';

/*
 * from to
 * cpu      busyCores iowaitCores stealCores cores hottestCore?
 * load
 * network  of each device: inBytesPerSecond outBytesPerSecond inFramesPerSecond? outFramesPerSecond? drops?
 * disks    of each device: busy writtenBytesPerSecond awaitSeconds?
 * memory   usedBytes totalBytes dirtyBytes?
 *
 * A figure with a question mark is NaN where it is absent.
 */

export interface RowLayout {
  /** Numbers in a row. */
  width: number;
  hasCpu: boolean;
  hasLoad: boolean;
  links: readonly string[] | undefined;
  disks: readonly string[] | undefined;
  hasMemory: boolean;
}

export function layoutOf({ cpu, load, network, disks, memory }: HostInterval): RowLayout {
  return {
    width:
      2 +
      (cpu ? 5 : 0) +
      (load === undefined ? 0 : 1) +
      5 * (network?.length ?? 0) +
      3 * (disks?.length ?? 0) +
      (memory ? 3 : 0),
    hasCpu: cpu !== undefined,
    hasLoad: load !== undefined,
    links: network?.map(({ device }) => device),
    disks: disks?.map(({ device }) => device),
    hasMemory: memory !== undefined,
  };
}

/** @returns whether the interval is of this layout */
export function fits(layout: RowLayout, { cpu, load, network, disks, memory }: HostInterval): boolean {
  return (
    layout.hasCpu === (cpu !== undefined) &&
    layout.hasLoad === (load !== undefined) &&
    layout.hasMemory === (memory !== undefined) &&
    areNamed(layout.links, network) &&
    areNamed(layout.disks, disks)
  );
}

function areNamed(names: readonly string[] | undefined, devices: readonly { device: string }[] | undefined): boolean {
  if (names === undefined || devices === undefined) return names === devices;
  return names.length === devices.length && devices.every(({ device }, index) => device === names[index]);
}

export function writeRow(layout: RowLayout, interval: HostInterval, into: Float64Array, start: number): void {
  const { from, to, cpu, load, network = [], disks = [], memory } = interval;
  let at = start;
  const put = (value: number | undefined): void => {
    into[at++] = value ?? Number.NaN;
  };
  put(from);
  put(to);
  if (cpu) for (const value of [cpu.busyCores, cpu.iowaitCores, cpu.stealCores, cpu.cores, cpu.hottestCore]) put(value);
  if (layout.hasLoad) put(load);
  for (const link of network) {
    put(link.inBytesPerSecond);
    put(link.outBytesPerSecond);
    put(link.inFramesPerSecond);
    put(link.outFramesPerSecond);
    put(link.drops);
  }
  for (const disk of disks) {
    put(disk.busy);
    put(disk.writtenBytesPerSecond);
    put(disk.awaitSeconds);
  }
  if (memory) for (const value of [memory.usedBytes, memory.totalBytes, memory.dirtyBytes]) put(value);
}

/** @returns what was written there, as a new object */
export function readRow(layout: RowLayout, numbers: Float64Array, start: number): HostInterval {
  let at = start;
  const take = (): number => numbers[at++] as number;
  const interval: HostInterval = { from: take(), to: take() };
  if (layout.hasCpu) {
    const cpu = { busyCores: take(), iowaitCores: take(), stealCores: take(), cores: take() };
    const hottestCore = take();
    interval.cpu = Number.isNaN(hottestCore) ? cpu : { ...cpu, hottestCore };
  }
  if (layout.hasLoad) interval.load = take();
  if (layout.links) {
    interval.network = layout.links.map((device) => {
      const link: NonNullable<HostInterval['network']>[number] = {
        device,
        inBytesPerSecond: take(),
        outBytesPerSecond: take(),
      };
      const [inFramesPerSecond, outFramesPerSecond, drops] = [take(), take(), take()];
      if (!Number.isNaN(inFramesPerSecond)) link.inFramesPerSecond = inFramesPerSecond;
      if (!Number.isNaN(outFramesPerSecond)) link.outFramesPerSecond = outFramesPerSecond;
      if (!Number.isNaN(drops)) link.drops = drops;
      return link;
    });
  }
  if (layout.disks) {
    interval.disks = layout.disks.map((device) => {
      const [busy, writtenBytesPerSecond, awaitSeconds] = [take(), take(), take()];
      return Number.isNaN(awaitSeconds)
        ? { device, busy, writtenBytesPerSecond }
        : { device, busy, awaitSeconds, writtenBytesPerSecond };
    });
  }
  if (layout.hasMemory) {
    const memory = { usedBytes: take(), totalBytes: take() };
    const dirtyBytes = take();
    interval.memory = Number.isNaN(dirtyBytes) ? memory : { ...memory, dirtyBytes };
  }
  return interval;
}

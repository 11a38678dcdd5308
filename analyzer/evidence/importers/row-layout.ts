// Maps each figure of an interval to a column; intervals with the same sections and devices share one layout.

import type { HostInterval } from '../load-test-run.ts';

/*
 * from to
 * cpu      busyCores iowaitCores stealCores cores hottestCore? hottestIndex?
 * network  of each device: inBytesPerSecond outBytesPerSecond inFramesPerSecond? outFramesPerSecond? backlogBytes?
 * disks    of each device: busy writtenBytesPerSecond awaitSeconds?
 * memory   usedBytes totalBytes
 * retransmitsPerSecond
 *
 * A figure with a question mark is NaN if it is absent.
 */

interface RowLayout {
  /** Numbers in a row. */
  width: number;
  hasCpu: boolean;
  links: readonly string[] | undefined;
  disks: readonly string[] | undefined;
  hasMemory: boolean;
  hasRetransmits: boolean;
  /** Offset of each section in a row. */
  linksAt: number;
  disksAt: number;
  memoryAt: number;
  retransmitsAt: number;
}

/** Consecutive rows of one layout. */
export interface Rows {
  layout: RowLayout;
  numbers: Float64Array;
  /**
   * For packed rows: the values that are equal in all rows, and the column of the others in a row of `numbers` (below
   * 0: equal in all).
   */
  packed?: { same: Float64Array; places: Int32Array; width: number };
}

/** @returns the figure in a column of the layout */
export function figureAt({ layout, numbers, packed }: Rows, row: number, column: number): number {
  if (packed === undefined) return numbers[row * layout.width + column] as number;
  const place = packed.places[column] as number;
  return (place < 0 ? packed.same[column] : numbers[row * packed.width + place]) as number;
}

/** Cores, memory, and constant counters are a third of the numbers, and are stored once for all rows. */
export function pack({ layout, numbers }: Rows, count: number): Rows {
  const { width } = layout;
  const same = numbers.slice(0, width);
  const places = new Int32Array(width).fill(-1);
  let varying = 0;
  for (let column = 0; column < width; column += 1) {
    for (let row = 1; row < count; row += 1) {
      if (Object.is(numbers[row * width + column], same[column])) continue;
      places[column] = varying;
      varying += 1;
      break;
    }
  }
  const kept = new Float64Array(count * varying);
  for (let column = 0; column < width; column += 1) {
    const place = places[column] as number;
    if (place < 0) continue;
    for (let row = 0; row < count; row += 1) kept[row * varying + place] = numbers[row * width + column] as number;
  }
  return { layout, numbers: kept, packed: { same, places, width: varying } };
}

export function layoutOf({ cpu, network, disks, memory, retransmitsPerSecond }: HostInterval): RowLayout {
  const linksAt = 2 + (cpu ? 6 : 0);
  const disksAt = linksAt + 5 * (network?.length ?? 0);
  const memoryAt = disksAt + 3 * (disks?.length ?? 0);
  const retransmitsAt = memoryAt + (memory ? 2 : 0);
  return {
    width: retransmitsAt + (retransmitsPerSecond === undefined ? 0 : 1),
    hasCpu: cpu !== undefined,
    links: network?.map(({ device }) => device),
    disks: disks?.map(({ device }) => device),
    hasMemory: memory !== undefined,
    hasRetransmits: retransmitsPerSecond !== undefined,
    linksAt,
    disksAt,
    memoryAt,
    retransmitsAt,
  };
}

/** @returns whether the interval has this layout */
export function fits(layout: RowLayout, interval: HostInterval): boolean {
  const { cpu, network, disks, memory, retransmitsPerSecond } = interval;
  return (
    layout.hasCpu === (cpu !== undefined) &&
    layout.hasMemory === (memory !== undefined) &&
    layout.hasRetransmits === (retransmitsPerSecond !== undefined) &&
    areNamed(layout.links, network) &&
    areNamed(layout.disks, disks)
  );
}

function areNamed(names: readonly string[] | undefined, devices: readonly { device: string }[] | undefined): boolean {
  if (names === undefined || devices === undefined) return names === devices;
  return names.length === devices.length && devices.every(({ device }, index) => device === names[index]);
}

export function writeRow(layout: RowLayout, interval: HostInterval, into: Float64Array, start: number): void {
  const { from, to, cpu, network = [], disks = [], memory } = interval;
  let at = start;
  const put = (value: number | undefined): void => {
    into[at++] = value ?? Number.NaN;
  };
  put(from);
  put(to);
  if (cpu) {
    const { busyCores, iowaitCores, stealCores, cores, hottestCore, hottestIndex } = cpu;
    for (const value of [busyCores, iowaitCores, stealCores, cores, hottestCore, hottestIndex]) put(value);
  }
  for (const link of network) {
    put(link.inBytesPerSecond);
    put(link.outBytesPerSecond);
    put(link.inFramesPerSecond);
    put(link.outFramesPerSecond);
    put(link.backlogBytes);
  }
  for (const disk of disks) {
    put(disk.busy);
    put(disk.writtenBytesPerSecond);
    put(disk.awaitSeconds);
  }
  if (memory) for (const value of [memory.usedBytes, memory.totalBytes]) put(value);
  if (layout.hasRetransmits) put(interval.retransmitsPerSecond);
}

/**
 * One row as an interval. Each section is created on access and not cached: reading one section of thousands of rows
 * creates no objects for the others.
 */
class RowView implements AsRead {
  readonly #rows: Rows;
  readonly #row: number;

  constructor(rows: Rows, row: number) {
    this.#rows = rows;
    this.#row = row;
  }

  get from(): number {
    return figureAt(this.#rows, this.#row, 0);
  }

  get to(): number {
    return figureAt(this.#rows, this.#row, 1);
  }

  get cpu(): HostInterval['cpu'] | undefined {
    if (!this.#rows.layout.hasCpu) return undefined;
    const take = this.#takeFrom(2);
    const cpu = { busyCores: take(), iowaitCores: take(), stealCores: take(), cores: take() };
    const [hottestCore, hottestIndex] = [take(), take()];
    if (Number.isNaN(hottestCore)) return cpu;
    return { ...cpu, hottestCore, ...(!Number.isNaN(hottestIndex) && { hottestIndex }) };
  }

  get network(): HostInterval['network'] | undefined {
    const take = this.#takeFrom(this.#rows.layout.linksAt);
    return this.#rows.layout.links?.map((device) => {
      const link: NonNullable<HostInterval['network']>[number] = {
        device,
        inBytesPerSecond: take(),
        outBytesPerSecond: take(),
      };
      const [inFramesPerSecond, outFramesPerSecond, backlogBytes] = [take(), take(), take()];
      if (!Number.isNaN(inFramesPerSecond)) link.inFramesPerSecond = inFramesPerSecond;
      if (!Number.isNaN(outFramesPerSecond)) link.outFramesPerSecond = outFramesPerSecond;
      if (!Number.isNaN(backlogBytes)) link.backlogBytes = backlogBytes;
      return link;
    });
  }

  get disks(): HostInterval['disks'] | undefined {
    const take = this.#takeFrom(this.#rows.layout.disksAt);
    return this.#rows.layout.disks?.map((device) => {
      const [busy, writtenBytesPerSecond, awaitSeconds] = [take(), take(), take()];
      return Number.isNaN(awaitSeconds)
        ? { device, busy, writtenBytesPerSecond }
        : { device, busy, awaitSeconds, writtenBytesPerSecond };
    });
  }

  get memory(): HostInterval['memory'] | undefined {
    if (!this.#rows.layout.hasMemory) return undefined;
    const take = this.#takeFrom(this.#rows.layout.memoryAt);
    return { usedBytes: take(), totalBytes: take() };
  }

  get retransmitsPerSecond(): number | undefined {
    const { hasRetransmits, retransmitsAt } = this.#rows.layout;
    return hasRetransmits ? this.#takeFrom(retransmitsAt)() : undefined;
  }

  #takeFrom(offset: number): () => number {
    let column = offset;
    return () => figureAt(this.#rows, this.#row, column++);
  }
}

/** @returns the row as a new, complete interval object */
export function readRow(rows: Rows, row: number): HostInterval {
  const { from, to, cpu, network, disks, memory, retransmitsPerSecond } = new RowView(rows, row);
  return {
    from,
    to,
    ...(cpu && { cpu }),
    ...(network && { network }),
    ...(disks && { disks }),
    ...(memory && { memory }),
    ...(retransmitsPerSecond !== undefined && { retransmitsPerSecond }),
  };
}

/** A getter that returns undefined is equivalent to an absent section. */
type AsRead = { [Key in keyof HostInterval]: HostInterval[Key] | undefined };

/** @returns the row as an interval that creates sections on access */
export const viewRow = (rows: Rows, row: number): HostInterval => new RowView(rows, row) as HostInterval;

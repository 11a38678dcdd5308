// Defines the quantities that a what-if can change, their text form and slider positions.

import type { QuantityName } from '../../../core/documents/what-if.ts';

/**
 * What is invalid: not a number, not an integer, not a size, not a speed, not a valid choice, out of bounds, or more
 * copies than brokers.
 */
export type QuantityFault = 'number' | 'whole' | 'size' | 'speed' | 'choice' | 'bounds' | 'copies';

export interface QuantityField {
  name: QuantityName;
  /** As in the address; empty for the measured value. */
  text: string;
  /** Value of `text`; absent if empty or invalid. */
  value?: number | string;
  /** Absent if the run does not record it, or without a run. */
  measured?: number | string;
  /** Absent for choices. */
  bounds?: { least: number; most: number };
  fault?: QuantityFault;
}

const binaryUnits = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
] as const;
const speedUnits = [
  ['gbit', 1e9],
  ['mbit', 1e6],
  ['kbit', 1e3],
] as const;

/** Formats a value as accepted by a field: `500B`, `4KiB`, `10gbit`, `3`. */
export function quantityText(name: QuantityName, value: number | string): string {
  if (typeof value === 'string') return value;
  if (name === 'messageBytes') {
    const [unit, factor] = binaryUnits.find(([, each]) => value >= each && value % each === 0) ?? ['B', 1];
    return `${value / factor}${unit}`;
  }
  // Measured values have more digits than are significant.
  const rounded = Number(value.toPrecision(4));
  if (name !== 'nic') return String(rounded);
  const [unit, factor] = speedUnits.find(([, each]) => rounded >= each) ?? speedUnits[2];
  return `${rounded / factor}${unit}`;
}

const powersOfTwo = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, step) => 2 ** (from + step));
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, step) => from + step);

/** Slider positions: fine in the usual range of clusters, and coarse up to the highest permitted value. */
const stops: Readonly<Record<Exclude<QuantityName, 'acks'>, readonly number[]>> = {
  messageBytes: [1, 16, ...powersOfTwo(6, 20), ...[2, 4, 16, 64, 256, 1024].map((mebibytes) => mebibytes * 2 ** 20)],
  groups: [...upTo(0, 20), 25, 30, 40, 50, 75, 100, 200, 500, 1000],
  replicas: upTo(1, 15),
  compression: [0.02, ...upTo(1, 20).map((twentieth) => twentieth / 20)],
  nic: [1, 10, 50, 100, 500, 1e3, 2e3, 5e3, 10e3, 25e3, 40e3, 50e3, 100e3, 200e3, 400e3, 1e6].map((each) => each * 1e6),
  disks: [...upTo(1, 12), 16, 20, 24, 32, 48, 64, 100],
  brokers: [...upTo(1, 20), 25, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000],
};

interface SliderStops {
  texts: readonly string[];
  /** Index of the current position. */
  at: number;
  /** Index of the measured value, if known. */
  measuredAt?: number;
}

/** Includes the measured value as a position; a value between two positions selects the nearer one. */
export function sliderStops({ name, value, measured }: QuantityField): SliderStops | undefined {
  if (name === 'acks') return undefined;
  const known = typeof measured === 'number' ? [measured] : [];
  const values = [...new Set([...stops[name], ...known])].toSorted((a, b) => a - b);
  const stand = typeof value === 'number' ? value : known[0];
  const measuredAt = known[0] === undefined ? -1 : values.indexOf(known[0]);
  return {
    texts: values.map((each) => quantityText(name, each)),
    at: stand === undefined ? 0 : nearest(values, stand),
    ...(measuredAt >= 0 && { measuredAt }),
  };
}

function nearest(values: readonly number[], to: number): number {
  return values.reduce(
    (best, value, index) => (Math.abs(value - to) < Math.abs((values[best] ?? Infinity) - to) ? index : best),
    0,
  );
}

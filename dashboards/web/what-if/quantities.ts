// Defines the quantities that a what-if can change, their text form and the stops of their sliders.

export const quantityNames = [
  'messageBytes',
  'groups',
  'replicas',
  'acks',
  'compression',
  'nic',
  'disks',
  'brokers',
] as const;
export type QuantityName = (typeof quantityNames)[number];

/** What is wrong: no number, no whole one, no size, no speed, none of the choices, out of bounds, or more copies than brokers. */
export type QuantityFault = 'number' | 'whole' | 'size' | 'speed' | 'choice' | 'bounds' | 'copies';

export interface QuantityField {
  name: QuantityName;
  /** As the address has it; empty for what was measured. */
  text: string;
  /** Value of `text`; absent where it is empty or invalid. */
  value?: number | string;
  /** Absent where the run does not record it, or there is none. */
  measured?: number | string;
  /** Of choices there are none. */
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

/** As a field takes it and a reader writes it: `4KiB`, `10gbit`, `3`. */
export function quantityText(name: QuantityName, value: number | string): string {
  if (typeof value === 'string') return value;
  if (name === 'messageBytes') {
    const [unit, factor] = binaryUnits.find(([, each]) => value >= each && value % each === 0) ?? ['', 1];
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

/** Fine where clusters mostly are, and coarse up to the highest allowed value. */
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
  /** Index of its current position. */
  at: number;
  /** Index of what was measured, if that is known. */
  measuredAt?: number;
}

/** The measured value is a stop; a value between two stops selects the nearer one. */
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

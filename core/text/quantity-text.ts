// Formats numbers with their units for a person: three significant digits, and a prefix where a value is large.

/** @returns `9,834`, `0.78`, `12.4`: whole from 100 on, else three significant digits */
export function quantityText(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

const prefixes = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

const gibibyte = 2 ** 30;

/** @returns `6.25 MB/s`, `2 cores`, `16.8 GB`; memory in whole GiB stays so */
export function capacityText(value: number, unit: string): string {
  if (unit === 'ratio') return 'all its time';
  if (!unit.startsWith('bytes')) return `${quantityText(value)} ${unit}`;
  if (unit === 'bytes' && value >= gibibyte && value % gibibyte === 0) return `${quantityText(value / gibibyte)} GiB`;
  const [factor, prefix] = prefixes.find(([size]) => value >= size) ?? [1, ''];
  return `${Number((value / factor).toPrecision(3))} ${prefix}B${unit.slice('bytes'.length)}`;
}

/** @returns `50 Mbit/s` */
export function bitRateText(bitsPerSecond: number): string {
  const [factor, prefix] = prefixes.find(([size]) => bitsPerSecond >= size) ?? [1, ''];
  return `${Number((bitsPerSecond / factor).toPrecision(3))} ${prefix}bit/s`;
}

/** @returns `4.2 ms`, `1.3 s`, `850 µs` */
export function durationText(seconds: number): string {
  if (seconds >= 1) return `${Number(seconds.toPrecision(3))} s`;
  if (seconds >= 1e-3) return `${Number((seconds * 1e3).toPrecision(3))} ms`;
  return `${Math.round(seconds * 1e6)} µs`;
}

/** @returns `34%` */
export function shareText(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** @returns `broker 1` for a Kafka id, any other name as it is */
export function nodeText(node: string): string {
  return /^\d+$/.test(node) ? `broker ${node}` : node;
}

/** @returns `Broker 1` to begin a sentence, any other name as it is */
export function nodeSentenceText(node: string): string {
  return /^\d+$/.test(node) ? `Broker ${node}` : node;
}

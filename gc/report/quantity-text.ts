// How is a figure of a GC log written for a person? Three digits that matter; sizes in the powers of two that JVM flags are in.

/** @returns `4.2 ms`, `1.3 s`, `850 µs`, `3.5 h` */
export function durationText(seconds: number): string {
  if (seconds === 0) return '0 s';
  if (seconds >= 172_800) return `${digits(seconds / 86_400)} days`;
  if (seconds >= 7200) return `${digits(seconds / 3600)} h`;
  if (seconds >= 1) return `${digits(seconds)} s`;
  if (seconds >= 1e-3) return `${digits(seconds * 1e3)} ms`;
  return `${digits(seconds * 1e6)} µs`;
}

/** @returns `512 MiB`, `1.46 GiB` */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.abs(bytes) || 1) / 10)));
  return `${digits(bytes / 2 ** (10 * power))} ${units[power]}`;
}

/** @returns `99.96 %`, `0.041 %`: what is nearly all or nothing keeps the digits that tell */
export function percentText(share: number): string {
  const percent = share * 100;
  const rest = Math.min(Math.abs(percent), Math.abs(100 - percent));
  const decimals = rest === 0 ? 0 : Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(rest))));
  return `${Number(percent.toFixed(decimals))} %`;
}

/** @returns `1 line`, `2,000 lines` */
export function countText(count: number, one: string): string {
  return `${numberText(count)} ${one}${count === 1 ? '' : 's'}`;
}

/** @returns `2,000` */
export function numberText(count: number): string {
  return count.toLocaleString('en-US');
}

const digits = (value: number) =>
  Math.abs(value) >= 100 ? numberText(Math.round(value)) : String(Number(value.toPrecision(3)));

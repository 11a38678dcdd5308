// How is a figure written for people? Three digits that count, with its unit; absent stays absent.

const steps = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const;

/** `12.3 MB`: 1 kB is 1,000 bytes, as disks and links are sold. */
export const bytesText = (value: number | bigint | undefined): string | undefined => scaled(value, 'B');
export const byteRateText = (value: number | undefined): string | undefined => scaled(value, 'B/s');
/** `12.3k/s` */
export function messageRateText(value: number | undefined): string | undefined {
  return scaled(value, '/s')?.replace(' ', '');
}

export const countText = (value: number | bigint | undefined): string | undefined => value?.toLocaleString('en-US');
export const percentText = (ratio: number | undefined): string | undefined =>
  ratio === undefined ? undefined : `${(ratio * 100).toFixed(ratio < 0.0995 ? 1 : 0)}%`;
export const timeText = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

function scaled(given: number | bigint | undefined, unit: string): string | undefined {
  if (given === undefined) return undefined;
  let value = Number(given);
  let step = 0;
  while (Math.abs(value) >= 999.5 && step < steps.length - 1) {
    value /= 1000;
    step += 1;
  }
  const digits = value === 0 || (step === 0 && Number.isInteger(value)) ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${steps[step]}${unit}`;
}

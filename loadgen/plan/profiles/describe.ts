// How is a rate or a duration said to people?

export const describeRate = (rate: number) => `${rate.toLocaleString('en')} msg/s`;

const larger = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
] as const;

/** In the largest unit of which there are two or more, and nothing is lost: `90 s`, `36 h`. */
export function describeDuration(seconds: number): string {
  const [size, unit] = larger.find(([each]) => seconds >= 2 * each && seconds % each === 0) ?? [1, 's'];
  return `${(seconds / size).toLocaleString('en')} ${unit}`;
}

// Declares the parts of jstat that are used; it ships no types.

declare module 'jstat' {
  export const jStat: {
    studentt: { inv(probability: number, degreesOfFreedom: number): number };
    centralF: { cdf(x: number, numerator: number, denominator: number): number };
    normal: {
      cdf(x: number, mean: number, deviation: number): number;
      inv(probability: number, mean: number, deviation: number): number;
    };
  };
  const all: { jStat: typeof jStat };
  export default all;
}

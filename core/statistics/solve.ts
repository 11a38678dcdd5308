// Solves A·x = b for a symmetric positive matrix by Cholesky's method.

/** @param lower A; only its lower half is read, and it is overwritten. @returns undefined when A is not positive to the last digits */
export function solvePositive(lower: readonly Float64Array[], b: Float64Array): Float64Array | undefined {
  const size = b.length;
  const at = (i: number, j: number) => (lower[i] as Float64Array)[j] as number;
  for (let i = 0; i < size; i += 1) {
    const line = lower[i] as Float64Array;
    for (let j = 0; j <= i; j += 1) {
      let sum = at(i, j);
      for (let k = 0; k < j; k += 1) sum -= at(i, k) * at(j, k);
      if (i !== j) {
        line[j] = sum / at(j, j);
        continue;
      }
      if (!(sum > 1e-12 * Math.abs(at(i, i)))) return undefined;
      line[i] = Math.sqrt(sum);
    }
  }
  const x = Float64Array.from(b);
  for (let i = 0; i < size; i += 1) {
    let sum = x[i] as number;
    for (let k = 0; k < i; k += 1) sum -= at(i, k) * (x[k] as number);
    x[i] = sum / at(i, i);
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    let sum = x[i] as number;
    for (let k = i + 1; k < size; k += 1) sum -= at(k, i) * (x[k] as number);
    x[i] = sum / at(i, i);
  }
  return x;
}

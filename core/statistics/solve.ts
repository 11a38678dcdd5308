// Solves A·x = b for a symmetric positive matrix, and inverts such a matrix.

/** Cholesky's method. @param lower A; only its lower half is read, and it is overwritten. @returns undefined if A is not numerically positive */
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

/**
 * Inverts a positive definite matrix by Gauss-Jordan, scaled to a diagonal of ones first.
 *
 * @param leastPivot pivots below it make the matrix singular: 1 minus the squared correlation of a row with those before it
 */
export function invertPositive(matrix: readonly (readonly number[])[], leastPivot = 1e-13): number[][] | undefined {
  const size = matrix.length;
  const scales = matrix.map((row, i) => Math.sqrt(row[i] as number));
  if (scales.some((scale) => !(scale > 0) || !Number.isFinite(scale))) return undefined;
  const scaled = (value: number, i: number, j: number) => value / ((scales[i] as number) * (scales[j] as number));
  const work = matrix.map((row, i) => [
    ...row.map((value, j) => scaled(value, i, j)),
    ...row.map((_, j) => (i === j ? 1 : 0)),
  ]);
  for (let column = 0; column < size; column += 1) {
    const pivot = work[column] as number[];
    const head = pivot[column] as number;
    // A positive definite matrix needs no row exchange.
    if (!(head > leastPivot)) return undefined;
    for (let j = 0; j < 2 * size; j += 1) pivot[j] = (pivot[j] as number) / head;
    for (const [i, row] of work.entries()) {
      const factor = i === column ? 0 : (row[column] as number);
      if (factor === 0) continue;
      for (let j = 0; j < 2 * size; j += 1) row[j] = (row[j] as number) - factor * (pivot[j] as number);
    }
  }
  return work.map((row, i) => row.slice(size).map((value, j) => scaled(value, i, j)));
}

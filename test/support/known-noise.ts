// Draws the noise of clusters with known laws: docs/explanation/scaling.md shows figures of exactly these draws.

/** Uniform in [0, 1): Marsaglia's xorshift of 32 bits (2003, "Xorshift RNGs", 13-17-5). @param seed any integer except 0 */
export function uniformNumbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** Standard normal, by the polar method (Marsaglia and Bray 1964). */
export function normalNumbers(uniform: () => number): () => number {
  return () => {
    for (;;) {
      const [u, v] = [2 * uniform() - 1, 2 * uniform() - 1];
      const s = u * u + v * v;
      if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
    }
  };
}

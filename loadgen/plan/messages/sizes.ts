// Generates the size of each message.

import { aliasTable } from './alias-table.ts';
import { drawOf, purposes } from './draw.ts';
import type { SizeSpec } from './message-spec.ts';

interface Sizes {
  of(n: number): number;
  readonly mean: number;
  readonly smallest: number;
  readonly largest: number;
}

export function createSizes(spec: SizeSpec, seed: number): Sizes {
  if (spec.kind === 'fixed') {
    const { bytes } = spec;
    return { of: () => bytes, mean: bytes, smallest: bytes, largest: bytes };
  }
  const bands =
    spec.kind === 'bands' ? spec.bands : spec.sizes.map(({ bytes, weight }) => ({ from: bytes, to: bytes, weight }));
  const used = bands.filter(({ weight }) => weight > 0);
  const sum = used.reduce((total, { weight }) => total + weight, 0);
  const pick = aliasTable(used.map(({ weight }) => weight));
  const draw = drawOf(seed, purposes.size);
  const drawInBand = drawOf(seed, purposes.sizeInBand);
  return {
    of(n) {
      const { from = 0, to = 0 } = used[pick(draw(n))] ?? {};
      return from === to ? from : from + Math.floor(drawInBand(n) * (to - from + 1));
    },
    mean: used.reduce((total, { from, to, weight }) => total + (((from + to) / 2) * weight) / sum, 0),
    smallest: Math.min(...used.map(({ from }) => from)),
    largest: Math.max(...used.map(({ to }) => to)),
  };
}

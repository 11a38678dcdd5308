// Defines the file of available host types; either all or none have prices.

import { z } from 'zod';
import type { Shape } from '../../../core/documents/cluster-plan.ts';
import { BitRate, Size } from '../../../core/text/quantity.ts';
import { defined } from '../../../core/defined.ts';
import { amount, positive, positiveCount } from '../../../core/documents/values.ts';

const ShapeSection = z.strictObject({
  cores: positive.max(4096),
  memory: Size,
  disk: Size.describe('for messages, of one machine'),
  diskWrite: Size.optional().describe('measured write rate of the disk, bytes per second'),
  network: BitRate.describe('speed of the network card in one direction'),
  partitions: positiveCount.optional().describe('most partitions or queues, replicas included, per broker'),
  pricePerMonth: amount.optional(),
  source: z.string().optional(),
});

export const CatalogueFile = z
  .strictObject({
    currency: z.string().min(1).max(10).optional(),
    shapes: z.record(z.string().min(1).max(60), ShapeSection),
  })
  .refine(({ shapes }) => Object.keys(shapes).length > 0, { message: 'a catalogue has at least one shape' })
  .refine(
    ({ shapes }) => new Set(Object.values(shapes).map(({ pricePerMonth }) => pricePerMonth === undefined)).size < 2,
    { message: 'give pricePerMonth for every shape or for none: shapes are compared by it', path: ['shapes'] },
  );
export type CatalogueFile = z.output<typeof CatalogueFile>;

export function shapesOf({ shapes }: CatalogueFile): Shape[] {
  return Object.entries(shapes).map(([name, shape]) =>
    defined({
      name,
      cores: shape.cores,
      memoryBytes: shape.memory,
      diskBytes: shape.disk,
      networkBitsPerSecond: shape.network,
      diskWriteBytesPerSecond: shape.diskWrite,
      partitions: shape.partitions,
      pricePerMonth: shape.pricePerMonth,
    }),
  );
}

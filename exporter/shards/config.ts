// Defines `exporter.shards`: the exporters that share the work; `--shard` selects this one.

import { z } from 'zod';
import { HttpUrl } from '../../core/http/http-config.ts';

export const ShardsConfig = z
  .strictObject({
    members: z
      .record(z.string().min(1).max(100), HttpUrl)
      .refine((members) => Object.keys(members).length >= 2, 'needs at least two members')
      .describe('name and address of each exporter, such as exporter-0: http://exporter-0:18760'),
    everySeconds: z.number().min(0.1).default(2).describe('interval at which each member checks the others'),
    goneAfterSeconds: z
      .number()
      .min(0.5)
      .default(10)
      .describe('a member without answers for this long loses its targets'),
  })
  .refine(({ everySeconds, goneAfterSeconds }) => goneAfterSeconds >= 3 * everySeconds, {
    message: 'goneAfterSeconds is at least three times everySeconds, so that one lost answer moves no target',
    path: ['goneAfterSeconds'],
  });
export type ShardsConfig = z.output<typeof ShardsConfig>;

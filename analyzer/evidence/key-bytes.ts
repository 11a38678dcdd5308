// Finds the length of the message keys of a run, from its recorded workload.

import { z } from 'zod';
import type { RunDescription } from './load-test-run.ts';

/** Default of the load generator, if a run does not record the length. */
const usual = 16;

const Keys = z.union([
  z.literal('none').transform(() => [0]),
  z
    .looseObject({ size: z.number(), bands: z.array(z.looseObject({ keys: z.number() })).default([]) })
    // A band with 0 keys contains messages without a key.
    .transform(({ size, bands }) => (bands.some(({ keys }) => keys === 0) ? [0, size] : [size])),
]);
const Sent = z.looseObject({ keys: Keys, mix: z.array(z.looseObject({ keys: Keys.optional() })).default([]) });

/** @returns bytes, 0 for messages without a key; both ends are equal if all keys have the same length */
export function keyBytesOf({ resume }: Pick<RunDescription, 'resume'>): { least: number; most: number } {
  const sent = Sent.safeParse(resume?.workload).data;
  if (sent === undefined) return { least: 0, most: usual };
  const { keys, mix } = sent;
  const all = mix.length > 0 ? mix.flatMap((topic) => topic.keys ?? keys) : keys;
  return { least: Math.min(...all), most: Math.max(...all) };
}

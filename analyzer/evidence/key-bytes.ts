// Finds how long the keys of a run's messages were, from the workload it recorded.

import { z } from 'zod';
import type { RunDescription } from './load-test-run.ts';

/** Of the load generator, where a run does not say. */
const usual = 16;

const Keys = z.union([
  z.literal('none').transform(() => [0]),
  z
    .looseObject({ size: z.number(), bands: z.array(z.looseObject({ keys: z.number() })).default([]) })
    // A band without keys is of messages without one.
    .transform(({ size, bands }) => (bands.some(({ keys }) => keys === 0) ? [0, size] : [size])),
]);
const Sent = z.looseObject({ keys: Keys, mix: z.array(z.looseObject({ keys: Keys.optional() })).default([]) });

/** @returns bytes, 0 for none; both ends alike where all messages have keys of one length */
export function keyBytesOf({ resume }: Pick<RunDescription, 'resume'>): { least: number; most: number } {
  const sent = Sent.safeParse(resume?.workload).data;
  if (sent === undefined) return { least: 0, most: usual };
  const { keys, mix } = sent;
  const all = mix.length > 0 ? mix.flatMap((topic) => topic.keys ?? keys) : keys;
  return { least: Math.min(...all), most: Math.max(...all) };
}

// Defines the facts of a name server change between steps.

import { z } from 'zod';

export const NameServersFacts = z.strictObject({
  add: z.string().optional().describe('address of the added name server'),
  remove: z
    .string()
    .optional()
    .describe('address of the removed name server; the same address if only its machine is replaced'),
  others: z.array(z.string()).describe('remaining name servers'),
  brokers: z.array(
    z.strictObject({
      id: z.string(),
      address: z.string(),
      namesrvAddr: z.string().describe('before the change'),
    }),
  ),
  topics: z.array(z.string()),
  longestSeconds: z.number().positive().describe('until a running broker has taken up another namesrvAddr'),
  toldAt: z.iso.datetime().optional(),
});
export type NameServersFacts = z.infer<typeof NameServersFacts>;

/** @returns the addresses in a broker's namesrvAddr, without duplicates */
export const listOf = (namesrvAddr: string) => [
  ...new Set(
    namesrvAddr
      .split(';')
      .map((address) => address.trim())
      .filter(Boolean),
  ),
];

/** @returns the new list for a broker: without the removed server, with the added one at the end */
export function newList(namesrvAddr: string, { add, remove }: Pick<NameServersFacts, 'add' | 'remove'>): string {
  const kept = listOf(namesrvAddr).filter((address) => address !== remove || address === add);
  return [...new Set([...kept, ...(add === undefined ? [] : [add])])].join(';');
}

/** Rolls back a list that others changed: removes what this change added, and adds what it removed. */
export function formerList(
  now: string,
  before: string,
  { add, remove }: Pick<NameServersFacts, 'add' | 'remove'>,
): string {
  const former = listOf(before);
  const kept = listOf(now).filter((address) => address !== add || former.includes(address));
  const back = former.filter((address) => address === remove);
  return kept.length === 0 ? '' : [...new Set([...kept, ...back])].join(';');
}

/** A machine replaces another at the same address, so no broker needs an update. */
export const keepsAddress = ({ add, remove }: NameServersFacts) => add !== undefined && add === remove;

// Numbers the messages of some slots without gaps, so that a batch of one sender is one run.

/**
 * Message n is on slot n % slotCount. The messages of the share are numbered 0, 1, 2… in order: that number is their
 * index. A producer sends its own messages in order, so a batch is a run of indexes even if its slots are scattered.
 */
export interface SlotShare {
  readonly slotCount: number;
  /** Slots of the share, ascending. */
  readonly slots: readonly number[];
  /** For each slot, how many slots of the share are below it; meaningless for a slot of another share. */
  readonly ranks: readonly number[];
  /** One bit per slot, least significant first; empty if slotCount is not a multiple of 32. */
  readonly pattern: Uint32Array;
}

/** @param slots in any order, at least one, each below slotCount */
export function createShare(slots: Iterable<number>, slotCount: number): SlotShare {
  const own = new Set(slots);
  const rising = [...own].sort((a, b) => a - b);
  const pattern = new Uint32Array(slotCount % 32 === 0 ? slotCount / 32 : 0);
  if (pattern.length > 0) for (const slot of own) pattern[slot >>> 5] = (pattern[slot >>> 5] ?? 0) | (1 << (slot & 31));
  let below = 0;
  const ranks = Array.from({ length: slotCount }, (_, slot) => (own.has(slot) ? below++ : below));
  return { slotCount, slots: rising, ranks, pattern };
}

/** @returns the share of a worker with all slots: its indexes are the message numbers */
export const everySlot = (slotCount: number): SlotShare =>
  createShare(
    Array.from({ length: slotCount }, (_, slot) => slot),
    slotCount,
  );

export const isEverySlot = ({ slots, slotCount }: SlotShare): boolean => slots.length === slotCount;

/** @param number number of a message on a slot of the share */
export function indexOf({ slotCount, slots, ranks }: SlotShare, number: number): number {
  return Math.floor(number / slotCount) * slots.length + (ranks[number % slotCount] ?? 0);
}

export function numberAt({ slotCount, slots }: SlotShare, index: number): number {
  const own = slots.length;
  return Math.floor(index / own) * slotCount + (slots[index % own] ?? 0);
}

// Defines the roles of people and programs, and their order.

/** From least to most: each role includes those before it. */
export const ranks = ['viewer', 'operator', 'admin'] as const;
export type Rank = (typeof ranks)[number];

/** A notifier only posts alerts to /hooks and has no rank. */
export const roles = [...ranks, 'notifier'] as const;
export type Role = (typeof roles)[number];

const rankOf = (role: Role) => (ranks as readonly Role[]).indexOf(role);

export const isAtLeast = (role: Role, least: Rank): boolean => rankOf(role) >= rankOf(least);

/** @returns undefined for an empty list */
export const highestOf = (held: readonly Rank[]): Rank | undefined => ranks.findLast((rank) => held.includes(rank));

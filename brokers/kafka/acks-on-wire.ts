// Defines how a Produce request states which replicas must acknowledge it, and how long the leader waits for them.

import type { Acks } from '../driver.ts';

export const acksOnWire = { all: -1, leader: 1, none: 0 } as const satisfies Record<Acks, number>;

/** How long the leader waits for its in-sync replicas before it refuses, in milliseconds. */
export const replicasWaitMs = 8000;

// Defines the actual load and incidents of a domain.

import type { Reading } from '../forecast/history.ts';

export interface Span {
  fromMs: number;
  toMs: number;
}

interface Incident extends Span {
  what: string;
}

export interface DomainRecord {
  domain: string;
  /** By time, within the promotion. */
  readings: readonly Reading[];
  troubles: readonly Incident[];
  /** The same for all domains that share the cluster, if there are others: the load at times at which each is known. */
  cluster?: Pick<DomainRecord, 'readings' | 'troubles'>;
}

export const isWithin = (timeMs: number, { fromMs, toMs }: Span): boolean => timeMs >= fromMs && timeMs <= toMs;
export const overlap = (a: Span, b: Span): boolean => a.fromMs <= b.toMs && b.fromMs <= a.toMs;

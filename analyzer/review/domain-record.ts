// Defines what happened to a domain: its load, and its incidents.

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
  /** The same of all domains that share the cluster, where others do: its load at the times at which that of each is known. */
  cluster?: Pick<DomainRecord, 'readings' | 'troubles'>;
}

export const isWithin = (timeMs: number, { fromMs, toMs }: Span): boolean => timeMs >= fromMs && timeMs <= toMs;
export const overlap = (a: Span, b: Span): boolean => a.fromMs <= b.toMs && b.fromMs <= a.toMs;

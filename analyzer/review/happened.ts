// Defines what happened to a domain: its load, and its incidents.

import type { Reading } from '../forecast/history.ts';

export interface Span {
  fromMs: number;
  toMs: number;
}

export interface Trouble extends Span {
  what: string;
}

export interface DomainCourse {
  domain: string;
  /** By time, within the promotion. */
  readings: readonly Reading[];
  troubles: readonly Trouble[];
}

export const isWithin = (timeMs: number, { fromMs, toMs }: Span): boolean => timeMs >= fromMs && timeMs <= toMs;
export const overlap = (a: Span, b: Span): boolean => a.fromMs <= b.toMs && b.fromMs <= a.toMs;

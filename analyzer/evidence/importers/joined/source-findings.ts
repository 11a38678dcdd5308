// What limits the trust in figures another tool left behind, and what follows from it? One finding a flag, with the files it is of.

import type { Evidence, Finding, RunSource } from '../../../../core/documents/analysis.ts';

export interface SourceDoubt {
  /** File, and which part of it. */
  source: string;
  flag: RunSource['flags'][number];
  what: string;
  evidence?: readonly Evidence[];
}

const consequences = {
  'no-warm-up': { severity: 'info', follows: 'The first window is left out where four or more are there.' },
  'coordinated-omission': {
    severity: 'info',
    follows: 'Percentiles are too low during pauses (coordinated omission): they are shown, but are no upper bound.',
  },
  'client-bound': {
    severity: 'warning',
    follows: 'No maximum is made of it: drive fixed rates, or more and larger clients.',
  },
  clamped: { severity: 'warning', follows: 'The highest percentiles are lower bounds.' },
  'rebalance-included': {
    severity: 'info',
    follows: 'A consumer that reads on is faster than a rate with the wait in it.',
  },
  'negative-backlog': { severity: 'info', follows: 'Lag is computed from produced and consumed messages.' },
  'no-time-stamps': {
    severity: 'info',
    follows:
      'Only lengths are known; --start FILE=TIME says when it began, so that readings of machines can be set beside it.',
  },
  truncated: { severity: 'warning', follows: 'What is missing is not guessed.' },
  concatenated: { severity: 'info', follows: 'Each is read by itself.' },
  'coarse-latency': { severity: 'info', follows: 'Latencies of 1 ms or less cannot be distinguished.' },
  'name-contradicts-figures': {
    severity: 'warning',
    follows: 'That step gets no verdict; --rate FILE=MSGS states its target rate.',
  },
  'offered-rate-unknown': {
    severity: 'warning',
    follows: 'Whether a step was sustained depends on its target rate: state it with --rate FILE=MSGS.',
  },
} as const satisfies Record<SourceDoubt['flag'], { severity: Finding['severity']; follows: string }>;

export function sourceFindings(doubts: readonly SourceDoubt[]): Finding[] {
  const byFlag = Map.groupBy(doubts, ({ flag }) => flag);
  return [...byFlag].map(([flag, own]) => {
    const { severity, follows } = consequences[flag];
    const byWhat = Map.groupBy(own, ({ what }) => what);
    const lines = [...byWhat].map(
      ([what, same]) => `${[...new Set(same.map(({ source }) => source))].join('; ')}: ${what}`,
    );
    const [first = '', ...others] = lines;
    return {
      severity,
      code: flag,
      message: others.length === 0 ? `${first}. ${follows}` : [follows, ...lines].join('\n'),
      evidence: own.flatMap(({ evidence = [] }) => evidence),
    };
  });
}

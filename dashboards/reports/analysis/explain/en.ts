// Explains a verdict in English.

import type { Catalogue } from './catalogue.ts';

export const en = {
  title: 'Computation of the safe maximum',
  nothing: 'There is no number to explain; the verdict states what is missing.',
  from: 'from',
  source: 'source',
  binding: 'Probability that each limit is reached first',
  next: 'Next limit, after the first is removed',
  tested: 'Rates tested',
  extrapolated: 'Estimate divided by the highest rate tested',
  retention: 'Average rate that fits the disks over the retention time',
  without: 'Safe maximum after losing',
  missing: 'Missing',
  interval: (low, high, confidence) => `${confidence} interval ${low} to ${high ?? 'no upper end'}`,
  figures: {
    'step.rate': 'achieved rate of step #',
    'step.use': 'use in step #',
    'law.a': 'fit: use at no load',
    'law.b': 'fit: use per message',
    'law.c': 'fit: third coefficient',
    'law.hold-out-error': 'leave-one-out error',
    'seconds.p99': 'p99 of seconds divided by their mean',
    capacity: 'capacity',
    'policy.share': 'share that the policy allows',
    limit: 'use at the limit',
    estimate: 'estimate',
    'interval.low': 'lower end',
    'interval.high': 'upper end',
    answer: 'safe maximum',
  },
  formulas: {},
} satisfies Catalogue;

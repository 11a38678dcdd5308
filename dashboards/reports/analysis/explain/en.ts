// Explains a verdict in English.

import type { Catalogue } from './catalogue.ts';

export const en = {
  title: 'Where the answer comes from',
  nothing: 'There is no number to explain; the verdict says what is missing.',
  from: 'from',
  source: 'source',
  binding: 'How often each limit comes first',
  next: 'Next limit, once the first is lifted',
  tested: 'Rates tested',
  extrapolated: 'The estimate lies beyond the highest rate tested, so many times',
  retention: 'Average rate that the disks keep for the time messages are kept',
  without: 'Safe after the loss of',
  missing: 'Missing',
  interval: (low, high, confidence) => `${confidence} interval ${low} to ${high ?? 'no upper end'}`,
  figures: {
    'step.rate': 'achieved rate of step #',
    'step.use': 'use in step #',
    'law.a': 'law: at no load',
    'law.b': 'law: a message',
    'law.c': 'law: third coefficient',
    'law.hold-out-error': 'error for a step left out',
    'seconds.p99': 'p99 of seconds over their mean',
    capacity: 'capacity',
    'policy.share': 'share that may be used',
    limit: 'use at the limit',
    estimate: 'estimate',
    'interval.low': 'lower end',
    'interval.high': 'upper end',
    answer: 'safe maximum',
  },
  formulas: {},
} satisfies Catalogue;

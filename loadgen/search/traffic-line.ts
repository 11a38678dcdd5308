// Reduces what workers report to what the limits of a trial are judged by: a soak of hours has many lines.

import type { TrafficLine } from '../../core/limit-judge.ts';

/** @returns the line without its histograms, message numbers and parts by topic */
export function trafficLine(line: TrafficLine): TrafficLine {
  switch (line.kind) {
    case 'produced': {
      const { service: _service, topics: _topics, ledger: _ledger, ...kept } = line;
      return { ...kept, latency: '', sendDelay: '' };
    }
    case 'consumed': {
      const { negative: _negative, ledger: _ledger, ...kept } = line;
      return { ...kept, endToEnd: '' };
    }
    case 'error':
      return line;
  }
}

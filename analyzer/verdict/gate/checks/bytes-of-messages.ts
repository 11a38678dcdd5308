// Checks that the brokers' interfaces moved as many bytes as the messages of the run take, as the load generator counted at its end.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { Check } from '../check.ts';

export const bytesOfMessages: Check = ({ run: { wire } }) => {
  if (wire?.kind !== 'differs') return [];
  const { directions, toleranceRatio } = wire;
  const hasNone = directions.every((each) => each.observedBytesPerMessage < 0.1 * each.leastBytesPerMessage);
  return [
    {
      consequence: { kind: 'refused', missing: { what: 'counters whose bytes fit the messages', node: 'cluster' } },
      finding: findingOf('bytes-do-not-fit', { directions, toleranceRatio, hasNone }),
    },
  ];
};

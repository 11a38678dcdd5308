// Checks that the brokers' interfaces moved as many bytes as the messages of the run need; the load generator computes this at its end.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { refused, type Check } from '../check.ts';

export const bytesOfMessages: Check = ({ run: { wire } }) => {
  if (wire?.kind !== 'differs') return [];
  const { directions, toleranceRatio } = wire;
  const hasNone = directions.every((each) => each.observedBytesPerMessage < 0.1 * each.leastBytesPerMessage);
  const finding = findingOf('bytes-do-not-fit', { directions, toleranceRatio, hasNone });
  return [refused('counters whose bytes fit the messages', 'cluster', finding)];
};

import { expect, test } from 'vitest';
import { backgroundFindings } from '../../../../../analyzer/evidence/importers/run-events.ts';

const line = (messagesPerSecond: number, intervalSeconds = 5) => ({
  kind: 'background' as const,
  elapsedSeconds: 5,
  intervalSeconds,
  messagesPerSecond,
});

test('background traffic is reported with its time-weighted mean and its maximum', () => {
  const [finding] = backgroundFindings([line(100, 5), line(400, 15)]);
  expect(finding).toMatchObject({
    severity: 'warning',
    code: 'background-traffic',
    evidence: [{ value: 325 }, { value: 400 }],
  });
});

test('a cluster without background traffic has no finding', () => {
  expect(backgroundFindings([line(0), line(0.4)])).toEqual([]);
  expect(backgroundFindings([])).toEqual([]);
});

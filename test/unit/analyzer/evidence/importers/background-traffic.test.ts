import { expect, test } from 'vitest';
import { backgroundFindings } from '../../../../../analyzer/evidence/importers/background-traffic.ts';

const line = (messagesPerSecond: number, intervalSeconds = 5) => ({
  kind: 'background' as const,
  elapsedSeconds: 5,
  intervalSeconds,
  messagesPerSecond,
});

test('what others sent is reported with its mean over time and its highest', () => {
  const [finding] = backgroundFindings([line(100, 5), line(400, 15)]);
  expect(finding).toMatchObject({
    severity: 'warning',
    code: 'background-traffic',
    evidence: [{ value: 325 }, { value: 400 }],
  });
});

test('a cluster that is alone with the test has nothing to tell', () => {
  expect(backgroundFindings([line(0), line(0.4)])).toEqual([]);
  expect(backgroundFindings([])).toEqual([]);
});

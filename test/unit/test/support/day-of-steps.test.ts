import { expect, test } from 'vitest';
import { dayOfSteps, type ScrapedSeries } from '../../../support/day-of-steps.ts';

const seconds = 46;
/** 600 messages a second, of which the exporter read a new number every few seconds. */
const messages = (everySeconds: number): ScrapedSeries => ({
  metric: { __name__: 'messages_total' },
  values: Array.from({ length: seconds + 1 }, (_, at) => [at, String(600 * (at - (at % everySeconds)))] as const),
});
const day = { from: 1e9, scrapeSeconds: 15, blockSeconds: 900, course: [0, 0], steps: [{ from: 0, to: seconds }] };
const rateOf = (series: ScrapedSeries) => {
  const { kept, span } = dayOfSteps([series], day);
  return (kept[0]?.at(span.to) ?? Number.NaN) / (span.to - span.from);
};

test('a counter keeps its rate over the whole day', () => expect(rateOf(messages(1))).toBeCloseTo(600, 9));

test('a counter that was read less often than scraped keeps its rate', () => {
  // The last reading is at second 40: messages of the six seconds after it were never read.
  expect(rateOf(messages(8))).toBeCloseTo(600, 9);
});

test('a counter that never moved stays constant', () => {
  expect(rateOf({ metric: { __name__: 'errors_total' }, values: [0, 1, 2, 3].map((at) => [at, '7'] as const) })).toBe(
    0,
  );
});

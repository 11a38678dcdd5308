import { expect, test } from 'vitest';
import type { Grade } from '../../../../core/documents/history-entry.ts';
import { html } from '../../../../core/text/html.ts';
import { renderCalibration } from '../../../../dashboards/web/calibration.ts';
import { createView } from '../../../../dashboards/web/view.ts';

const grade = (over: Partial<Grade>): Grade => ({
  of: 1,
  event: 'natural-peak',
  startedAt: '2026-11-10T20:00:00Z',
  endedAt: '2026-11-10T20:05:00Z',
  predicted: { value: 20_000, low: 18_000, high: 22_000, unit: 'messages/s' },
  actual: 20_000,
  held: true,
  ...over,
});
const page = (grades: readonly Grade[], language = 'en') => {
  const query = new URLSearchParams({ lang: language });
  return html`${renderCalibration(grades, createView({ prefix: '', path: '/', query, accepted: false }))}`.text;
};

test('a correct prediction is a dot and a wrong one a cross, and both are in the table', () => {
  const drawn = page([grade({}), grade({ actual: 30_000, held: false, event: 'broker-restart' })]);
  expect([drawn.match(/<circle/g)?.length, drawn.match(/class="cross"/g)?.length]).toEqual([1, 1]);
  expect(drawn).toContain('20,000 (18,000–22,000)');
  expect(drawn).toContain('broker restart');
  // In the middle of 0% to 200%, and at three quarters.
  expect(drawn).toContain('cx="49.50%"');
  expect(drawn).toContain('<svg x="73.75%"');
});

test('a figure far off is at the edge, an open interval extends to the edge, and without grades nothing is drawn', () => {
  const drawn = page([
    grade({ actual: 90_000, held: true, predicted: { value: 20_000, low: 20_000, unit: 'messages/s' } }),
  ]);
  expect(drawn).toContain('cx="98.00%"');
  expect(drawn).toContain('x="49.50%" y="7" width="48.50%"');
  expect(page([grade({ predicted: { value: 20_000, unit: 'messages/s' } })])).not.toContain('<rect');
  expect(page([])).toBe('');
});

test('the table names the kind of each prediction, and the text the average deviation of forecasts', () => {
  const drawn = page([
    grade({ what: 'forecast', event: 'forecast-end', bias: 0.1 }),
    grade({ what: 'forecast', event: 'promotion', actual: 16_000, held: false }),
    grade({ what: 'safe-max', actual: 40_000 }),
  ]);
  expect(drawn).not.toContain(', end of a forecast');
  expect(drawn).toContain('forecast, tested by: promotion');
  expect(drawn).toContain('safe maximum, tested by: peak of production traffic');
  expect(drawn).toContain('On average, measured load is 5% below the forecast.');
  expect(page([grade({ what: 'safe-max' })])).not.toContain('On average');
});

test('the section is translated into Chinese', () => expect(page([grade({})], 'zh')).toContain('预测准确度'));

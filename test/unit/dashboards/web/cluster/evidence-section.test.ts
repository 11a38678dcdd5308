import { expect, test } from 'vitest';
import { html } from '../../../../../core/text/html.ts';
import { renderEvidence } from '../../../../../dashboards/web/cluster/evidence-section.ts';
import { createView } from '../../../../../dashboards/web/view.ts';
import { adviceFor, afterLoss } from '../../../../support/known-evidence.ts';

const { tps, interval } = afterLoss;
const high = interval?.high ?? tps;
const viewIn = (accepted: 'en' | 'zh') =>
  createView({ prefix: '', path: '/clusters/orders', query: new URLSearchParams(), accepted });
const shown = (neededTps: number, language: 'en' | 'zh') =>
  html`${renderEvidence(adviceFor(neededTps), viewIn(language))}`.text;

test('without a verdict and a forecast there is no section', () => {
  expect(renderEvidence(undefined, viewIn('en'))).toBeUndefined();
});

test.each([
  ['en', 0.9 * tps, 'No measurement is needed.'],
  ['en', 1.1 * high, 'add brokers or move load'],
  ['zh', 0.9 * tps, '无需再次测量'],
  ['zh', 1.1 * high, '请扩容或迁移流量'],
] as const)('in %s, a cluster that needs %d msg/s has advice without a table', (language, needed, text) => {
  const page = shown(needed, language);
  expect(page).toContain(text);
  expect(page).not.toContain('<table');
});

test('a lost zone is not called a broker', () => {
  const { safe, ...advice } = adviceFor(0.9 * tps);
  const named = (language: 'en' | 'zh') =>
    html`${renderEvidence({ ...advice, safe: { ...safe, lost: { kind: 'zone', id: '1' } } }, viewIn(language))}`.text;
  expect(named('en')).toContain('Safe maximum while zone 1 catches up: ');
  expect(named('zh')).toContain('可用区 1 恢复追赶期间的安全上限');
});

test.each([
  ['en', 'Only one past promotion has data for the phase of the forecast peak'],
  ['zh', '预测峰值所在的时段只在一场大促中测量过'],
] as const)('in %s, a forecast peak without an interval has a reason', (language, text) => {
  const advice = { ...adviceFor(0.9 * tps), state: 'undecided', gap: 'no-interval' } as const;
  expect(html`${renderEvidence(advice, viewIn(language))}`.text).toContain(text);
});

test('while the cluster must not be measured, no measurement has a start or a command', () => {
  const page =
    html`${renderEvidence(adviceFor((1.003 * (tps + high)) / 2), viewIn('en'), { notNow: 'broker 3 does not answer' })}`
      .text;
  const text = page.replaceAll(/<[^>]*>/g, '');
  expect(text.match(/not now: broker 3 does not answer/g)).toHaveLength(2);
  expect(text).not.toContain('plimsoll r');
});

test.each([
  ['en', /Not at the accepted risk\..*with a probability of [\d.]+%; at most 5% is accepted/, 'Undecided'],
  ['zh', /尚不能确认可以承载.*的概率为 [\d.]+%，最多允许 5%/, '尚不确定'],
] as const)('in %s, a probability above the accepted one is a no, not undecided', (language, text, not) => {
  const page = shown((1.003 * (tps + high)) / 2, language)
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ');
  expect(page).toMatch(text);
  expect(page).not.toContain(not);
});

test('a safe maximum without a loss is that of all brokers', () => {
  const { safe, ...advice } = adviceFor(0.9 * tps);
  const { lost: _, ...ofAll } = safe;
  const named = (language: 'en' | 'zh') => html`${renderEvidence({ ...advice, safe: ofAll }, viewIn(language))}`.text;
  expect(named('en')).toContain('Safe maximum with all brokers');
  expect(named('zh')).toContain('全部 Broker 正常时的安全上限');
});

test('a load test adds its rates to the production load', () => {
  expect(shown((1.003 * (tps + high)) / 2, 'en')).toContain('in addition to the production load');
});

test('if undecided, each measurement has its duration and its command', () => {
  const page = shown((1.003 * (tps + high)) / 2, 'zh').replaceAll(/<[^>]*>/g, '');
  expect(page).toContain('尚不能确认可以承载');
  expect(page).toContain('plimsoll redline --cluster orders --broker');
  expect(page).toContain('plimsoll run --cluster orders --rate-steps');
});

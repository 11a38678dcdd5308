import { expect, test } from 'vitest';
import { html } from '../../../../../core/text/html.ts';
import { renderHeadroom } from '../../../../../dashboards/web/cluster/cluster-page.ts';
import { createView } from '../../../../../dashboards/web/view.ts';
import { evenBrokers, headroomOf } from '../../../../support/known-evidence.ts';

const prices = { currency: 'CNY', brokers: { orders: 800 } };
const six = evenBrokers(6);
const shown = (headroom: ReturnType<typeof headroomOf>, accepted: 'en' | 'zh') => {
  const view = createView({ prefix: '', path: '/clusters/orders', query: new URLSearchParams(), accepted });
  return html`${renderHeadroom(headroom, view)}`.text.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
};

test.each([
  [
    'en',
    /Price of headroom 6 brokers cost 4,800 CNY a month\..* Reserve Factor Multiplied so far, msg\/s CNY per month Forecast peak – [\d,]+ [\d,]+ /,
  ],
  [
    'zh',
    /预留与成本 6 个 Broker 每月共 4,800 元。.* 预留 系数 累乘后的速率（条\/秒） 每月成本（元） 预测峰值 – [\d,]+ [\d,]+ /,
  ],
] as const)('in %s, each reserve has its cost', (language, text) => {
  expect(shown(headroomOf(six, 1.8, prices), language)).toMatch(text);
});

test('a single broker is counted in the singular', () => {
  const page = shown({ ...headroomOf(six, 1.8, prices), brokers: 1 }, 'en');
  expect(page).toContain('1 broker costs 4,800 CNY a month.');
});

test.each([
  [
    'en',
    'Cost of the cluster: unknown. Missing: price of a broker',
    'Cost of each reserve (capacity kept unused, such as for the loss of a broker): unknown. Missing: valid verdict of the cluster; complete forecast.',
  ],
  ['zh', '成本：未知。缺少：Broker 单价', '各项预留的成本：未知。缺少：该集群的有效结论；完整的预测。'],
] as const)('in %s, a missing verdict, forecast and price are each named', (language, price, reserves) => {
  const page = shown(headroomOf(undefined, undefined), language);
  expect(page).toContain(price);
  expect(page).toContain(reserves);
});

test('without a valid verdict, the verdict is named as missing, not the brokers', () => {
  const headroom = headroomOf(undefined, 2, prices);
  expect(shown(headroom, 'en')).toContain('Cost of the cluster: unknown. Missing: valid verdict of the cluster.');
  expect(shown(headroom, 'zh')).toContain('成本：未知。缺少：该集群的有效结论。');
});

test('names of settings are formatted as code', () => {
  const view = createView({ prefix: '', path: '/clusters/orders', query: new URLSearchParams(), accepted: 'en' });
  const page = html`${renderHeadroom(headroomOf(undefined, undefined), view)}`.text;
  expect(page).toContain('<code>service.prices</code>');
  expect(page).not.toContain('`');
});

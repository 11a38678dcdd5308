import { expect, test } from 'vitest';
import { toAppError } from '../../../../brokers/kafka/errors.ts';
import { networkErrorMessages } from '../../../../brokers/network-errors.ts';
import { html } from '../../../../core/text/html.ts';
import { renderReason } from '../../../../dashboards/web/broker-reason.ts';
import { renderLookup } from '../../../../dashboards/web/cluster/lookup-notice.ts';
import { createView } from '../../../../dashboards/web/view.ts';
import { createLookups } from '../../../../service/clusters/lookups.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { servedCluster } from '../../../support/served-api.ts';

const attempt = { action: 'read the metadata', address: '10.0.0.2:9092' };
const shown = (reason: string, language: 'en' | 'zh') => html`${renderReason(reason, { language })}`.text;

test.each(Object.keys(networkErrorMessages))(
  'on a Chinese page, %s has a Chinese cause before the quoted original',
  (code) => {
    const { message } = toAppError(Object.assign(new Error('connect'), { code }), attempt);
    const original = html`<bdi lang="en">${message}</bdi>`.text;
    expect(shown(message, 'zh')).toMatch(/^[\p{Script=Han} A-Za-z./，]+（<bdi lang="en">/u);
    expect(shown(message, 'zh')).toContain(original);
    expect(shown(message, 'en')).toBe(original);
  },
);

test('a skipped broker has a Chinese cause', () => {
  const text = 'skipped: 10.0.0.2:9092 did not answer an earlier request';
  expect(shown(text, 'zh')).toBe(`此前请求无响应，已跳过（<bdi lang="en">${text}</bdi>）`);
});

test('a text of a broker stays as it is', () => {
  const text = 'CODE: 2  DESC: [PCBUSY_CLEAN_QUEUE]broker busy';
  expect(shown(text, 'zh')).toBe(`<bdi lang="en">${text}</bdi>`);
});

test('too many lookups are stated in Chinese by the page that shows the reason', async () => {
  const lookups = createLookups(createHandClock());
  const served = servedCluster('orders', { lookUp: () => new Promise(() => {}) });
  const ask = (key: string) => lookups.ask(served, key, async () => 1);
  void ask('a');
  void ask('b');
  const answer = await ask('c');
  const view = createView({ prefix: '', path: '/', query: new URLSearchParams('lang=zh'), accepted: 'en' });
  expect(html`${renderLookup(answer, view)}`.text).toContain('同时查询过多，请几秒后重试（<bdi lang="en">more than');
});

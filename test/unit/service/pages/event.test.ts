import express from 'express';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { limitOutlook } from '../../../../analyzer/forecast/event/limit-outlook.ts';
import type { SafeMaxTps } from '../../../../core/documents/analysis.ts';
import { html } from '../../../../core/text/html.ts';
import { renderEventPage } from '../../../../dashboards/web/event-page.ts';
import { eventLanguages } from '../../../../dashboards/web/event-texts.ts';
import { createView } from '../../../../dashboards/web/view.ts';
import { createEventPage, eventOf } from '../../../../service/pages/event.ts';
import { readAnalysis } from '../../../support/analyses.ts';
import { serveFleet } from '../../../support/served-fleet.ts';
import { measuredOrders } from '../../../support/capacity-report-inputs.ts';
import { eventNow, eventParts, hostileName } from '../../../support/event-day.ts';

async function page(query = ''): Promise<string> {
  const app = express().get('/event', createEventPage(eventParts, { prefix: '/p', sections: [] }));
  const server = createServer(app).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/event${query}`);
    return await response.text();
  } finally {
    server.close();
  }
}

test('a cluster with a verdict has its time to the limit and its actions; one without has neither', () => {
  const { clusters, more } = eventOf(eventParts);
  expect(clusters.map(({ status }) => status.cluster)).toEqual(['orders', hostileName]);
  expect(more).toBe(0);
  expect(clusters[0]?.outlook).toMatchObject({ kind: 'outlook', minutes: { even: 60 }, scaledBy: 1 });
  expect(clusters[0]?.levers.filter(({ kind }) => kind === 'ready').map(({ lever }) => lever)).toEqual([
    'leader-move',
    'quota',
  ]);
});

test('clusters and actions have a key, so that opened details stay open on refresh', async () => {
  const text = await page();
  const keys = (element: RegExp) => [...text.matchAll(element)].map(([, key]) => key);
  const { clusters } = eventOf(eventParts);
  expect(keys(/<section[^>]* data-key="([^"]*)"/g)).toEqual(['orders', html`="${hostileName}"`.text.slice(2, -1)]);
  expect(keys(/<div class="card lever" data-key="([^"]*)"/g)).toEqual(
    clusters.flatMap(({ levers }) => levers.filter(({ kind }) => kind === 'ready').map(({ lever }) => lever)),
  );
});

test('a missing reading or forecast is named, and no value is estimated', () => {
  expect(eventOf(eventParts).clusters[1]?.outlook).toEqual({ kind: 'unknown', missing: 'forecast' });
});

test.each(['en', 'zh'] as const)(
  'the page in %s shows minutes, probabilities, gains and confidence',
  async (language) => {
    const text = (await page(`?lang=${language}`)).replaceAll(/\s+/g, ' ');
    const words = eventLanguages[language];
    expect(text).toContain(words.chanceWithin('50%', language === 'zh' ? '1 小时' : '1 h'));
    expect(text).toContain(words.names.quota);
    expect(text).toContain('producer_byte_rate=');
    expect(text).toContain(words.trustOf('9', '10'));
    expect(text).toContain(words.missing.forecast);
    expect(text).toContain('双十一');
  },
);

test.each([
  [
    'en',
    /Limited by network-out of broker-a:0 /,
    'broker 1: 12,000 msg/s now, 6,667 msg/s afterwards',
    ': 12,000 msg/s now, limited to ',
  ],
  ['zh', /瓶颈 broker-a:0 的网卡出向 /, 'Broker 1：现 12,000 条/秒，执行后 6,667 条/秒', '：现 12,000 条/秒，限制在 '],
] as const)('in %s, the page names the limit, brokers and units', async (language, limit, broker, topic) => {
  const text = (await page(`?lang=${language}`)).replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ');
  expect(text).toMatch(limit);
  expect(text).toContain(broker);
  expect(text).toContain(`payments${topic}`);
});

test.each(['en', 'zh'] as const)(
  'in %s, what does not help is folded away, also if no action helps',
  async (language) => {
    const [, ready, none] = (await page(`?lang=${language}`)).split('<section class="event"');
    const words = eventLanguages[language];
    expect(none).toContain(words.noneReady);
    expect(none).toContain(words.reasons['no-broker-rates']);
    expect(ready).not.toContain(words.noneReady);
    for (const text of [none, ready]) expect(text).toContain(words.without);
  },
);

test.each(['en', 'zh'] as const)('for an at-least safe maximum, the page in %s claims no maximum', (lang) => {
  const words = eventLanguages[lang];
  const view = createView({ prefix: '', path: '/event', query: new URLSearchParams({ lang }), accepted: false });
  const shown = (safeTps: number, produceTps: number) => {
    const { statuses, ...rest } = eventParts;
    const [orders] = statuses.fleet().clusters;
    if (orders?.now === undefined) throw new Error('no reading');
    const safeMaxTps = { kind: 'at-least', tps: safeTps, reason: 'no-limit-reached' } as const;
    const clusters = [{ ...orders, state: 'near' as const, safeMaxTps, now: { ...orders.now, produceTps } }];
    const content = eventOf({ ...rest, statuses: { ...statuses, fleet: () => ({ ...statuses.fleet(), clusters }) } });
    return renderEventPage(content, view);
  };
  const above = shown(15_000, 20_000);
  expect(above).toContain(words.overProven);
  expect(above).not.toContain(words.over);
  const below = shown(26_000, 20_000);
  const hour = lang === 'zh' ? '1 小时' : '1 h';
  expect(below).toContain(words.chanceWithin('50%', hour));
  expect(below).toContain(words.chancesProven);
  expect(below).not.toContain(words.chances);
});

test.each([
  ['degraded', { kind: 'confirmed' }, 'over'],
  ['near', { kind: 'at-least', tps: 15_000, reason: 'no-limit-reached' }, 'overProven'],
] as const)('without a forecast, a %s cluster above its rate is reported as above it', (state, safe, text) => {
  const { statuses, ...rest } = eventParts;
  const { forecast: _, ...orders } = statuses.fleet().clusters[0] ?? expect.fail('no cluster');
  const safeMaxTps = safe.kind === 'at-least' ? safe : orders.safeMaxTps;
  const clusters = [{ ...orders, ...(safeMaxTps && { safeMaxTps }), state, headroom: -0.3 }];
  const content = eventOf({ ...rest, statuses: { ...statuses, fleet: () => ({ ...statuses.fleet(), clusters }) } });
  const view = createView({
    prefix: '',
    path: '/event',
    query: new URLSearchParams({ lang: 'en' }),
    accepted: false,
  });
  const page = renderEventPage(content, view);
  expect(page).toContain(eventLanguages.en[text]);
  expect(page).not.toContain(eventLanguages.en.missing.forecast);
});

test('the note on the scaled forecast does not claim that a load beyond the scale fits it', () => {
  const { statuses, ...rest } = eventParts;
  const [orders] = statuses.fleet().clusters;
  if (orders?.now === undefined) throw new Error('no reading');
  const safeMaxTps = { kind: 'at-least', tps: 95_000, reason: 'no-limit-reached' } as const;
  const clusters = [{ ...orders, safeMaxTps, now: { ...orders.now, produceTps: 90_000 } }];
  const content = eventOf({ ...rest, statuses: { ...statuses, fleet: () => ({ ...statuses.fleet(), clusters }) } });
  const view = createView({ prefix: '', path: '/event', query: new URLSearchParams({ lang: 'en' }), accepted: false });
  expect(renderEventPage(content, view)).toContain('multiplied by 3 (this factor is limited to 0.5–3)');
});

type Status = ReturnType<typeof eventParts.statuses.fleet>['clusters'][number];

/** The page of `orders` alone. */
function ordersPage(over: Partial<Status>, lang: 'en' | 'zh' = 'en'): string {
  const { statuses, ...rest } = eventParts;
  const clusters = [{ ...(statuses.fleet().clusters[0] ?? expect.fail('no cluster')), ...over }];
  const content = eventOf({ ...rest, statuses: { ...statuses, fleet: () => ({ ...statuses.fleet(), clusters }) } });
  const view = createView({ prefix: '', path: '/event', query: new URLSearchParams({ lang }), accepted: false });
  return renderEventPage(content, view);
}

const bare = (page: string) => page.replaceAll(/<[^>]+>/g, '').replaceAll(/\s+/g, ' ');

const nowOf = (produceTps: number) => ({ now: { produceTps, at: eventNow.toISOString(), source: 'exporter' } });

test.each([
  [
    'en',
    'multiplied by 1.2 (this factor is limited to 0.5–3), because the current load differs from it: its peak is 36,000 msg/s at ',
    'Time until the forecast reaches the lower end of the safe maximum: 43 min (if the load follows the forecast; sooner if it is higher)',
  ],
  [
    'zh',
    '乘以 1.2（系数限制在 0.5 至 3 之间）：峰值为 36,000 条/秒',
    '预测值达到安全上限区间下端的剩余时间：43 分钟（按原始预测计算；流量高于预测时可能提前）',
  ],
] as const)(
  'in %s, the time that other pages show is beside each chance, and a scaled forecast has its factor and peak',
  (lang, scaled, unscaled) => {
    const { forecast = expect.fail('no forecast') } =
      eventParts.statuses.fleet().clusters[0] ?? expect.fail('no cluster');
    const shown = (produceTps: number, headroom = 0.2) =>
      bare(ordersPage({ ...nowOf(produceTps), headroom, forecast: { ...forecast, secondsToLimit: 2580 } }, lang));
    expect(shown(24_000)).toContain(scaled);
    expect(shown(24_000)).toContain(unscaled);
    // The load that is forecast.
    expect(shown(20_000)).not.toContain(scaled.slice(0, 12));
    expect(shown(20_000)).toContain(unscaled);
    // It shows when a load above the safe maximum ends.
    expect(shown(30_000, -0.2)).toContain(lang === 'en' ? 'its peak is 45,000 msg/s' : '峰值为 45,000 条/秒');
  },
);

test.each([
  ['en', 'Not answering: broker 3 (last seen'],
  ['zh', '无应答：Broker 3（最后应答'],
] as const)(
  'in %s, lost brokers come first, with a link to their pages, and a down cluster has no actions',
  (lang, lost) => {
    const texts = eventLanguages[lang];
    const missing = [{ part: 'broker', id: '3', lastSeenAt: eventNow.toISOString() }] as const;
    const shown = (state: Status['state'], brokers: number) =>
      ordersPage({ state, brokers, brokersExpected: 3, missing: [...missing], ...nowOf(20_000) }, lang);
    const [down, degraded] = [shown('down', 0), shown('degraded', 2)];
    for (const page of [down, degraded]) {
      expect(page).toContain(`<a href="/clusters/orders/brokers/3?lang=${lang}"`);
      expect(page).toContain(texts.restore);
      expect(bare(page)).toContain(lost);
    }
    for (const text of [texts.levers, texts.noSlope, texts.chances]) {
      expect(down).not.toContain(text);
      expect(degraded).toContain(text);
    }
  },
);

test.each([
  ['en', /Chance of reaching the safe maximum: 10% within 1 h 5\d min, 1\d% within 3 h, not higher within 1 day /],
  ['zh', /达到安全上限的概率：1 小时 5\d 分钟后升至 10%、3 小时后升至 1\d%、1 天内不再升高 /],
] as const)('in %s, a chance below half is given at the time after which it rises no more', (lang, text) => {
  const nowMs = eventNow.getTime();
  const points = Array.from({ length: 30 }, (_, hour) => {
    const tps = hour === 2 ? 30_000 : 20_000;
    return { at: new Date(nowMs + hour * 3_600_000).toISOString(), tps, low: 0.9 * tps, high: 1.1 * tps };
  });
  const peak = { ...(points[2] ?? expect.fail('no peak')), confidence: 0.8 };
  const interval = { low: 29_000, high: 36_000, confidence: 0.9 };
  const safeMaxTps = { ...measuredOrders.safeMaxTps, tps: 29_000, estimateTps: 33_000, interval } as SafeMaxTps;
  const outlook = limitOutlook({ nowMs, nowTps: 20_000, safeMaxTps, forecast: { points, peak } });
  const content = eventOf(eventParts);
  const [orders = expect.fail('no cluster')] = content.clusters;
  const view = createView({ prefix: '', path: '/event', query: new URLSearchParams({ lang }), accepted: false });
  expect(bare(renderEventPage({ ...content, clusters: [{ ...orders, outlook }] }, view))).toMatch(text);
});

test('a chance that is reached now is given as within a minute, not within 0 s', () => {
  const { statuses, ...rest } = eventParts;
  const [orders] = statuses.fleet().clusters;
  if (orders?.now === undefined) throw new Error('no reading');
  const safeMaxTps = { kind: 'at-least', tps: 20_200, reason: 'no-limit-reached' } as const;
  const clusters = [{ ...orders, safeMaxTps }];
  const content = eventOf({ ...rest, statuses: { ...statuses, fleet: () => ({ ...statuses.fleet(), clusters }) } });
  const view = createView({ prefix: '', path: '/event', query: new URLSearchParams({ lang: 'en' }), accepted: false });
  const page = renderEventPage(content, view);
  expect(page).toContain(eventLanguages.en.chanceWithin('10%', '60 s'));
});

test('a load above the policy limit of a readings-based maximum has no time to the limit', () => {
  const view = createView({ prefix: '', path: '/event', query: new URLSearchParams({ lang: 'en' }), accepted: false });
  const shown = (produceTps: number) => {
    const { statuses, ...rest } = eventParts;
    const [orders] = statuses.fleet().clusters;
    if (orders?.now === undefined) throw new Error('no reading');
    // 70,000 msg/s, of which the policy allows 56,000.
    const { safeMaxTps } = readAnalysis('readings');
    const clusters = [{ ...orders, safeMaxTps, now: { ...orders.now, produceTps } }];
    const content = eventOf({ ...rest, statuses: { ...statuses, fleet: () => ({ ...statuses.fleet(), clusters }) } });
    return renderEventPage(content, view);
  };
  expect(shown(50_000)).toContain(eventLanguages.en.noSlope);
  expect(shown(60_000)).not.toContain(eventLanguages.en.noSlope);
});

test('hostile names are escaped everywhere on the page', async () => {
  const text = await page();
  expect(text).not.toContain('<script>alert');
  expect(text).toContain('&lt;script&gt;alert(1)');
  // One shell argument: the quote in it is closed, escaped and opened again.
  expect(text).toContain('&#39;\\&#39;&#39;');
});

test('links keep the path prefix', async () => {
  const links = [...(await page()).matchAll(/href="([^"#][^"]*)"/g)].map(([, to]) => to);
  expect(links.filter((to) => !to?.startsWith('/p/') && to !== '/p')).toEqual([]);
});

test.each([
  ['en', 'Begins in 1 day 12 h'],
  ['zh', '1 天 12 小时后开始'],
] as const)('a promotion in 36 hours has a countdown in days and hours, in %s', (lang, text) => {
  const hours = (count: number) => new Date(eventNow.getTime() + count * 3_600_000).toISOString();
  const promotion = { name: '双十一', from: hours(36), to: hours(60), isOn: false };
  const view = createView({ prefix: '', path: '/event', query: new URLSearchParams({ lang }), accepted: false });
  expect(renderEventPage({ ...eventOf(eventParts), promotion }, view)).toContain(text);
});

test('a cluster above its safe maximum that a load test loads has what remains possible', async () => {
  await using served = await serveFleet(ServiceConfig.parse({}));
  const response = await fetch(new URL('/event', served.url));
  const sections = (await response.text()).split('<section class="event"');
  const of = (cluster: string) => sections.find((each) => each.includes(`data-key="${cluster}"`));
  const [orders, logs] = [of('orders'), of('logs')];
  expect(orders).toContain('A load test is adding to this load: stop it first.');
  expect(orders).toContain('/clusters/orders/load-test');
  expect(orders).toContain('What also helps: add brokers');
  expect(logs).not.toContain('What also helps');
  expect(logs).not.toContain('A load test');
});

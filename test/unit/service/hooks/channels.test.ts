import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createLogger } from '../../../../core/log.ts';
import { Channel } from '../../../../app/config/service-hooks.ts';
import type { AlertMessage } from '../../../../service/hooks/alert-message.ts';
import { word, type MessageLinks } from '../../../../service/hooks/alert-text.ts';
import { createDeliveries } from '../../../../service/hooks/delivery.ts';
import { shippedAlert } from '../../../support/alert-rules.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import {
  integrationKey,
  signingSecret,
  startVendorReceivers,
  type VendorReceivers,
} from '../../../support/vendor-receivers.ts';

const clock = createHandClock();
clock.advance(Date.UTC(2026, 10, 11, 12) / 1000);
const links: MessageLinks = {
  runbooks: 'https://docs.example.com/runbooks',
  grafana: 'https://grafana.example.com/',
  acknowledge: ({ labels }) => `https://plimsoll.example.com/acknowledge?lang=zh&link=${labels['cluster']?.length}`,
};

let receivers: VendorReceivers;
beforeAll(async () => {
  receivers = await startVendorReceivers(() => clock.now().getTime());
});
afterAll(() => receivers[Symbol.asyncDispose]());
beforeEach(() => {
  receivers.taken.length = 0;
  receivers.instead = undefined;
});

const vendors = ['dingtalk', 'feishu', 'wecom', 'slack', 'pagerduty'] as const;
type HttpVendor = (typeof vendors)[number];

function channelOf(vendor: HttpVendor, over: object = {}): Channel {
  vi.stubEnv('CHANNEL_URL', receivers.url(vendor));
  vi.stubEnv('CHANNEL_SECRET', vendor === 'pagerduty' ? integrationKey : signingSecret);
  const own = {
    dingtalk: { url: '${env:CHANNEL_URL}', secret: '${env:CHANNEL_SECRET}' },
    feishu: { url: '${env:CHANNEL_URL}', secret: '${env:CHANNEL_SECRET}' },
    wecom: { url: '${env:CHANNEL_URL}' },
    slack: { url: '${env:CHANNEL_URL}' },
    pagerduty: { url: receivers.url(vendor), key: '${env:CHANNEL_SECRET}' },
  }[vendor];
  return Channel.parse({ vendor, ...own, ...over });
}

function messageOf(count: number, cluster = 'orders', over: Partial<AlertMessage> = {}): AlertMessage {
  const { labels, annotations } = shippedAlert('ClusterOverSafeMax', { cluster });
  const filled = Object.fromEntries(
    Object.entries(annotations).map(([name, text]) => [
      name,
      text
        .replaceAll('{{ $labels.cluster }}', cluster)
        .replaceAll(/\{\{ \$value[^}]*\}\}/g, '107%')
        .replaceAll(/\{\{ if [^}]*\}\}(.*?)\{\{ else .*?\{\{ end \}\}/g, '$1'),
    ]),
  );
  const alert = { status: 'firing', labels, annotations: filled, startsAt: '2026-11-11T11:58:03.123+08:00' } as const;
  return {
    version: '4',
    status: 'firing',
    truncatedAlerts: 0,
    groupKey: '{}:{cluster="orders"}',
    commonLabels: { cluster },
    alerts: Array.from({ length: count }, () => alert),
    ...over,
  };
}

async function send(channel: Channel, message: AlertMessage, shown = links): Promise<string> {
  const deliveries = createDeliveries({ clock, log: createLogger('silent') });
  const wording = word(message, channel.language, shown);
  const delivery = await deliveries.deliver('oncall', channel, wording, { signal: new AbortController().signal });
  return 'fault' in delivery ? delivery.fault.message : delivery.kind;
}
const written = () => JSON.stringify(receivers.taken[0]?.body);

test('two alerts that differ only in their domain show the domain', async () => {
  const [alert] = messageOf(1).alerts;
  const of = (domain: string) => ({ ...alert!, labels: { ...alert!.labels, domain } });
  await send(channelOf('dingtalk'), messageOf(0, 'orders', { alerts: [of('shop'), of('<@all>')] }));
  expect(written()).toContain('业务域：shop。');
  expect(written()).toContain('业务域：＜@all＞。');
  receivers.taken.length = 0;
  await send(channelOf('wecom', { language: 'en' }), messageOf(0, 'orders', { alerts: [of('shop'), alert!] }));
  expect(written().split(' Domain: shop.')).toHaveLength(2);
});

test.each(vendors)('%s gets a Chinese message with the same content as the other vendors', async (vendor) => {
  expect(await send(channelOf(vendor), messageOf(1))).toBe('sent');
  expect(receivers.taken).toHaveLength(1);
  expect(written()).toContain('1 条告警：orders');
  expect(written()).toContain('【严重】集群负载超过安全上限。');
  expect(written()).toContain('orders 的负载为安全上限的 107%');
  expect(written()).toContain('2026-11-11 03:58:03 UTC');
  const plain = written().replaceAll('&amp;', '&');
  expect(plain).toContain('https://docs.example.com/runbooks/capacity.html#clusteroversafemax');
  expect(plain).toContain(
    'https://grafana.example.com/d/plimsoll-promotion?from=1794365883123&to=now&var-cluster=orders',
  );
  expect(plain).toContain('https://plimsoll.example.com/acknowledge?lang=zh&link=6');
  expect(plain).toContain('确认告警');
});

test('the dashboard opens on the group and topic of the alert', async () => {
  const [alert] = messageOf(1).alerts;
  const { labels, annotations } = shippedAlert('ConsumerFarBehind', {
    cluster: 'orders',
    consumergroup: 'a&b',
    topic: 'paid',
  });
  await send(channelOf('slack'), messageOf(0, 'orders', { alerts: [{ ...alert!, labels, annotations }] }));
  expect(written().replaceAll('&amp;', '&')).toContain(
    '/d/plimsoll-lag?from=1794365883123&to=now&var-cluster=orders&var-consumergroup=a%26b&var-topic=paid',
  );
});

test.each(vendors)('%s gets a message in English', async (vendor) => {
  expect(await send(channelOf(vendor, { language: 'en' }), messageOf(2))).toBe('sent');
  expect(written()).toContain('2 firing: orders');
  expect(written()).toContain('[critical] The load of a cluster is above its safe maximum.');
  expect(written()).toContain('Acknowledge');
});

test.each(vendors)('%s gets as many of 500 alerts as fit, and the number of the rest', async (vendor) => {
  expect(await send(channelOf(vendor), messageOf(500, 'orders', { truncatedAlerts: 7 }))).toBe('sent');
  const [, left = 0] = /另有 (\d+) 条/.exec(written()) ?? [];
  const shown = written().split('【严重】').length - (vendor === 'pagerduty' ? 2 : 1);
  expect(shown).toBeGreaterThan(3);
  expect(Number(left)).toBe(507 - shown);
});

test.each(vendors)('%s gets a single alert that is too long, cut to fit', async (vendor) => {
  const message = messageOf(1);
  const [alert] = message.alerts;
  if (alert === undefined) throw new Error('no alert');
  const annotations = { ...alert.annotations, description_zh: '长'.repeat(30_000) };
  expect(await send(channelOf(vendor), { ...message, alerts: [{ ...alert, annotations }] })).toBe('sent');
  expect(written()).toContain('…');
});

test.each(vendors)('special characters in a name are escaped for %s', async (vendor) => {
  expect(await send(channelOf(vendor), messageOf(1, '<@all> [pay](https://evil.example) \u202Egnp\n# x'))).toBe('sent');
  const said = written().replaceAll(/https:\/\/grafana[^")|]*/g, '');
  expect(said).not.toMatch(/<@all>|\]\(https:\/\/evil|\u202E|# x/);
  expect(said).toContain('＜@all＞ ［pay］(https://evil.example)');
});

test('a resolved alert is shown as resolved and closes the incident that it opened', async () => {
  const [alert] = messageOf(1).alerts;
  if (alert === undefined) throw new Error('no alert');
  const over = messageOf(0, 'orders', { status: 'resolved', alerts: [{ ...alert, status: 'resolved' }] });
  await send(channelOf('dingtalk'), over);
  expect(written()).toContain('已恢复：orders');
  expect(written()).toContain('【已恢复】');
  expect(written()).not.toContain('acknowledge');
  receivers.taken.length = 0;
  await send(channelOf('slack', { language: 'en' }), over);
  expect(written()).toContain('Resolved: orders');
  expect(written()).toContain('[resolved] ');
  receivers.taken.length = 0;
  await send(channelOf('pagerduty'), messageOf(1));
  await send(channelOf('pagerduty'), over);
  const [opened, resolved] = receivers.taken.map(({ body }) => body);
  expect([opened?.['event_action'], resolved?.['event_action']]).toEqual(['trigger', 'resolve']);
  expect(opened?.['dedup_key']).toBe(resolved?.['dedup_key']);
});

/** Orders alerts as Alertmanager does within a group: by labels, regardless of state. */
function mixedMessage(): AlertMessage {
  const message = messageOf(1);
  const [alert] = message.alerts;
  if (alert === undefined) throw new Error('no alert');
  const of = (status: 'firing' | 'resolved', severity: string, summary: string, startsAt: string) => ({
    status,
    labels: { ...alert.labels, severity },
    annotations: { ...alert.annotations, summary, summary_zh: summary },
    startsAt,
  });
  const resolved = Array.from({ length: 400 }, (_, index) =>
    of('resolved', 'critical', `gone ${index}`, '2026-11-11T09:00:00Z'),
  );
  const firing = of('firing', 'warning', 'a disk fills', '2026-11-11T11:00:00Z');
  return { ...message, alerts: [...resolved, of('firing', 'info', 'a note', '2026-11-11T10:00:00Z'), firing] };
}

test.each(vendors)('messages to %s list firing alerts before resolved ones', async (vendor) => {
  expect(await send(channelOf(vendor), mixedMessage())).toBe('sent');
  const body = written();
  const at = ['a disk fills', 'a note', 'gone 0'].map((text) => body.indexOf(text));
  expect(at).not.toContain(-1);
  expect(at).toEqual(at.toSorted((a, b) => a - b));
});

test('an incident has the headline, severity and start of its firing alerts', async () => {
  await send(channelOf('pagerduty', { language: 'en' }), mixedMessage());
  expect(receivers.taken[0]?.body).toMatchObject({
    payload: {
      summary: '2 firing: orders: [warning] a disk fills',
      severity: 'warning',
      timestamp: '2026-11-11T11:00:00Z',
    },
  });
});

test('without page addresses a message contains no links', async () => {
  await send(channelOf('wecom'), messageOf(1), {});
  expect(written()).not.toContain('http');
});

test.each(['dingtalk', 'feishu'] as const)('a wrong secret is reported with the error text of %s', async (vendor) => {
  vi.stubEnv('OTHER_SECRET', 'SECother');
  const refused = await send(channelOf(vendor, { secret: '${env:OTHER_SECRET}' }), messageOf(1));
  expect(refused).toMatch(/^\w+ channel oncall: (?:err)?code \d+: sign (?:not match|match fail)/);
});

test('a wrong integration key is reported with the error text of PagerDuty', async () => {
  vi.stubEnv('OTHER_KEY', 'x'.repeat(32));
  const refused = await send(channelOf('pagerduty', { key: '${env:OTHER_KEY}' }), messageOf(1));
  expect(refused).toContain('pagerduty channel oncall: HTTP status 400: {"status":"invalid event"');
  expect(refused).not.toContain('xxxx');
});

test.each([
  ['HTTP status 403: invalid_token', { status: 403, body: 'invalid_token' }],
  ['the response is not that of Slack', { status: 200, body: '<html>a proxy</html>' }],
  ['the response is too long', { status: 200, body: 'x'.repeat(100_000) }],
])('a response counts as a refusal: %s', async (why, instead) => {
  receivers.instead = instead;
  expect(await send(channelOf('slack'), messageOf(1))).toBe(`slack channel oncall: ${why}`);
});

test('DingTalk gets no further message for ten minutes after it limits a robot', async () => {
  for (const errcode of [130_101, 410_100]) {
    receivers.requests = 0;
    receivers.instead = { status: 200, body: JSON.stringify({ errcode, errmsg: 'send too fast' }) };
    expect([await send(channelOf('dingtalk'), messageOf(1)), receivers.requests]).toEqual(['later', 1]);
  }
});

test('a redirect is not followed, and no error contains the token', async () => {
  receivers.instead = { status: 302, body: '', headers: { Location: receivers.url('wecom') } };
  const redirected = await send(channelOf('wecom'), messageOf(1));
  expect(redirected).toMatch(/^wecom channel oncall: .*given up/);
  expect(redirected).not.toContain('t0ken');
  expect(receivers.taken).toEqual([]);
  vi.stubEnv('NOWHERE', 'http://127.0.0.1:1/send?access_token=t0ken');
  const unreachable = channelOf('wecom', { url: '${env:NOWHERE}' });
  expect(await send(unreachable, messageOf(1))).toMatch(/^wecom channel oncall: [\w ]+; given up after 4 attempts$/);
  vi.stubEnv('NOWHERE', 't0ken');
  expect(await send(unreachable, messageOf(1))).toBe(
    'wecom channel oncall: ${env:NOWHERE} has no http or https address',
  );
});

test('no error contains the token of an address that a gateway shows', async () => {
  vi.stubEnv('CHANNEL_URL', 'https://gateway.example.com/open-apis/bot/v2/hook/0a1b2c3d-token?access_token=8f6d5c4b3a');
  const path = '/open-apis/bot/v2/hook/0a1b2c3d-token';
  const fetch = async () => Response.json({ status: 404, path: `${path}?access_token=8f6d5c4b3a` }, { status: 404 });
  const deliveries = createDeliveries({ clock, log: createLogger('silent'), fetch });
  const channel = Channel.parse({ vendor: 'feishu', url: '${env:CHANNEL_URL}' });
  const io = { signal: new AbortController().signal };
  expect(await deliveries.deliver('oncall', channel, word(messageOf(1), 'zh', links), io)).toMatchObject({
    kind: 'refused',
    fault: { message: 'feishu channel oncall: HTTP status 404: {"status":404,"path":"…?access_token=…"}' },
  });
});

import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { SecretReference } from '../../../../core/secret.ts';
import type { AlertMessage } from '../../../../service/hooks/alert-message.ts';
import type { Channel } from '../../../../app/config/service-hooks.ts';
import { notifyChannel } from '../../../../service/hooks/notify-channel.ts';
import { shippedAlert } from '../../../support/alert-rules.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { robotSecret, startVendorRobots, type VendorRobots } from '../../../support/vendor-robots.ts';

const clock = createHandClock();
clock.advance(Date.UTC(2026, 10, 11, 12) / 1000);
const links = { runbooks: 'https://docs.example.com/runbooks', grafana: 'https://grafana.example.com/' };

let robots: VendorRobots;
beforeAll(async () => {
  robots = await startVendorRobots(() => clock.now().getTime());
});
afterAll(() => robots[Symbol.asyncDispose]());
beforeEach(() => {
  robots.taken.length = 0;
  robots.instead = undefined;
});

function robot(vendor: Channel['vendor'], over: Partial<Channel> = {}): Channel {
  vi.stubEnv('ROBOT_URL', robots.url(vendor));
  vi.stubEnv('ROBOT_SECRET', robotSecret);
  return {
    vendor,
    url: new SecretReference('env', 'ROBOT_URL'),
    secret: new SecretReference('env', 'ROBOT_SECRET'),
    language: 'zh',
    ...over,
  };
}

function messageOf(count: number, cluster = 'orders', over: Partial<AlertMessage> = {}): AlertMessage {
  const { labels, annotations } = shippedAlert('ClusterOverSafeMax', { cluster });
  const filled = Object.fromEntries(
    Object.entries(annotations).map(([name, text]) => [
      name,
      text.replaceAll('{{ $labels.cluster }}', cluster).replaceAll(/\{\{ \$value[^}]*\}\}/g, '107%'),
    ]),
  );
  const alert = { status: 'firing', labels, annotations: filled, startsAt: '2026-11-11T11:58:03.123+08:00' } as const;
  return {
    version: '4',
    status: 'firing',
    truncatedAlerts: 0,
    commonLabels: { cluster },
    alerts: Array.from({ length: count }, () => alert),
    ...over,
  };
}

const tell = (to: Channel, message: AlertMessage) => notifyChannel(to, message, { links, clock });
const written = () => JSON.stringify(robots.taken[0]?.body);

test('two alerts that differ only in their domain say which it is', async () => {
  const [alert] = messageOf(1).alerts;
  const of = (domain: string) => ({ ...alert!, labels: { ...alert!.labels, domain } });
  await tell(robot('dingtalk'), messageOf(0, 'orders', { alerts: [of('shop'), of('<@all>')] }));
  expect(written()).toContain('业务域：shop。');
  expect(written()).toContain('业务域：＜@all＞。');
  robots.taken.length = 0;
  await tell(robot('wecom', { language: 'en' }), messageOf(0, 'orders', { alerts: [of('shop'), alert!] }));
  expect(written().split(' Domain: shop.')).toHaveLength(2);
});

test.each(['dingtalk', 'feishu', 'wecom'] as const)('a %s robot takes a signed message in Chinese', async (vendor) => {
  await tell(robot(vendor), messageOf(1));
  expect(robots.taken).toHaveLength(1);
  expect(written()).toContain('1 条告警：orders');
  expect(written()).toContain('【严重】集群负载超过安全上限。');
  expect(written()).toContain('orders 的负载为安全上限的 107%');
  expect(written()).toContain('2026-11-11 03:58:03 UTC');
  expect(written()).toContain('https://docs.example.com/runbooks/capacity.html#clusteroversafemax');
  expect(written()).toContain(
    'https://grafana.example.com/d/plimsoll-promotion?from=1794365883123&to=now&var-cluster=orders',
  );
});

test.each(['dingtalk', 'feishu', 'wecom'] as const)('a %s robot takes a message in English', async (vendor) => {
  await tell(robot(vendor, { language: 'en' }), messageOf(2));
  expect(written()).toContain('2 firing: orders');
  expect(written()).toContain('[critical] The load of a cluster is above its safe maximum.');
});

test.each(['dingtalk', 'feishu', 'wecom'] as const)(
  'a %s robot takes 500 alerts as what fits, and is told how many did not',
  async (vendor) => {
    await tell(robot(vendor), messageOf(500, 'orders', { truncatedAlerts: 7 }));
    expect(robots.taken).toHaveLength(1);
    const [, left = 0] = /另有 (\d+) 条/.exec(written()) ?? [];
    const shown = written().split('【严重】').length - 1;
    expect(shown).toBeGreaterThan(3);
    expect(Number(left)).toBe(507 - shown);
  },
);

test.each(['dingtalk', 'feishu', 'wecom'] as const)(
  'a %s robot takes a single alert that is too long',
  async (vendor) => {
    await tell(robot(vendor), longest());
    expect(robots.taken).toHaveLength(1);
    expect(written()).toContain('…');
  },
);

/** One alert, and a description that no robot takes. */
function longest(): AlertMessage {
  const message = messageOf(1);
  const [alert] = message.alerts;
  if (alert === undefined) return message;
  return {
    ...message,
    alerts: [{ ...alert, annotations: { ...alert.annotations, description_zh: '长'.repeat(30_000) } }],
  };
}

test.each(['dingtalk', 'feishu', 'wecom'] as const)('a hostile name is only text to a %s robot', async (vendor) => {
  await tell(robot(vendor), messageOf(1, '<@all> [pay](https://evil.example) \u202Egnp\n# x'));
  expect(robots.taken).toHaveLength(1);
  const said = written().replaceAll(/https:\/\/grafana[^")]*/g, '');
  expect(said).not.toMatch(/<@all>|\]\(https:\/\/evil|\u202E|# x/);
  expect(said).toContain('＜@all＞ ［pay］(https://evil.example)');
});

test('what is over is said to be', async () => {
  const [alert] = messageOf(1).alerts;
  if (alert === undefined) throw new Error('no alert');
  await tell(
    robot('dingtalk'),
    messageOf(0, 'orders', { status: 'resolved', alerts: [{ ...alert, status: 'resolved' }] }),
  );
  expect(written()).toContain('已恢复：orders');
  expect(written()).toContain('【已恢复】');
});

test('without addresses of pages there are no links', async () => {
  await notifyChannel(robot('wecom'), messageOf(1), { links: {}, clock });
  expect(written()).not.toContain('http');
});

test.each(['dingtalk', 'feishu'] as const)('a wrong secret is reported in the words of %s', async (vendor) => {
  vi.stubEnv('OTHER_SECRET', 'SECother');
  const refused = tell(robot(vendor, { secret: new SecretReference('env', 'OTHER_SECRET') }), messageOf(1));
  await expect(refused).rejects.toMatchObject({
    code: 'notification-failed',
    message: expect.stringMatching(/the \w+ bot refused the message: (?:err)?code \d+: sign (?:not match|match fail)/),
  });
});

test.each([
  ['HTTP status 500', { status: 500, body: 'oops' }],
  ['the answer is none of WeCom', { status: 200, body: '<html>a proxy</html>' }],
  ['its answer is too long', { status: 200, body: 'x'.repeat(100_000) }],
])('%s is a refusal', async (why, instead) => {
  robots.instead = instead;
  await expect(tell(robot('wecom'), messageOf(1))).rejects.toThrow(`the wecom bot refused the message: ${why}`);
});

test('a redirect is not followed, and no fault names the token', async () => {
  robots.instead = { status: 302, body: '' };
  const fault = await tell(robot('wecom'), messageOf(1)).catch((error: Error) => error);
  expect(fault).toBeInstanceOf(Error);
  expect(String(fault)).not.toContain('t0ken');
  const unreachable = { ...robot('wecom'), url: new SecretReference('env', 'NOWHERE') };
  vi.stubEnv('NOWHERE', 'http://127.0.0.1:1/send?access_token=t0ken');
  await expect(tell(unreachable, messageOf(1))).rejects.toThrow(/^the wecom bot refused the message: \w[\w ]+$/);
});

test('a channel that does not answer is given up on abort', async () => {
  robots.instead = 'hang';
  const asked = notifyChannel(robot('wecom'), messageOf(1), { links, clock }, { signal: AbortSignal.timeout(20) });
  await expect(asked).rejects.toMatchObject({ code: 'notification-failed' });
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { Hooks } from '../../../../app/config/service-hooks.ts';

test('accepts the config shown in docs/how-to/send-notifications.md', () => {
  const page = readFileSync(new URL('../../../../docs/how-to/send-notifications.md', import.meta.url), 'utf8');
  const [, block = ''] = /```yaml\n# plimsoll\.yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const { service } = parse(block) as { service: unknown };
  const { channels } = ServiceConfig.parse(service).hooks;
  expect(Object.entries(channels).map(([name, { vendor, language }]) => [name, vendor, language])).toEqual([
    ['oncall', 'dingtalk', 'zh'],
    ['promotion', 'feishu', 'zh'],
    ['tickets', 'wecom', 'zh'],
    ['team', 'slack', 'en'],
    ['pager', 'pagerduty', 'en'],
    ['mail', 'mail', 'en'],
  ]);
});

test.each([
  ['secrets are not allowed here', { vendor: 'dingtalk', url: 'https://oapi.dingtalk.com/robot/send?access_token=t' }],
  ['Invalid discriminator value', { vendor: 'icq', url: '${env:URL}' }],
  ['Unrecognized key', { vendor: 'dingtalk', url: '${env:URL}', token: 'x' }],
  ['Unrecognized key', { vendor: 'wecom', url: '${env:URL}', secret: '${env:SECRET}' }],
  ['an address is written', { vendor: 'mail', url: '${env:URL}', from: 'a@b.c', to: ['x\r\nBcc: y@z.c'] }],
])('rejects an invalid channel with the message: %s', (said, channel) => {
  const { error } = Hooks.safeParse({ channels: { oncall: channel } });
  expect(error?.message).toContain(said);
});

test('rejects a channel name that cannot be part of a path', () => {
  expect(Hooks.safeParse({ channels: { '../x': { vendor: 'wecom', url: '${env:URL}' } } }).success).toBe(false);
});

test('acknowledge links need the address of the pages', () => {
  const hooks = { channels: { oncall: { vendor: 'wecom', url: '${env:URL}', acknowledge: true } } };
  expect(ServiceConfig.safeParse({ hooks }).error?.message).toContain('needs publicUrl');
  expect(ServiceConfig.safeParse({ hooks, publicUrl: 'https://plimsoll.example.com' }).success).toBe(true);
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { Hooks } from '../../../../app/config/service-hooks.ts';

test('what docs/alerts.md shows is taken', () => {
  const page = readFileSync(new URL('../../../../docs/alerts.md', import.meta.url), 'utf8');
  const [, block = ''] = /```yaml\n# plimsoll\.yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const { service } = parse(block) as { service: unknown };
  const { robots } = ServiceConfig.parse(service).hooks;
  expect(Object.entries(robots).map(([name, { vendor, language }]) => [name, vendor, language])).toEqual([
    ['oncall', 'dingtalk', 'zh'],
    ['promotion', 'feishu', 'zh'],
    ['tickets', 'wecom', 'en'],
  ]);
});

test.each([
  ['a secret is never written here', { url: 'https://oapi.dingtalk.com/robot/send?access_token=t' }],
  ['Invalid option', { url: '${env:URL}', vendor: 'icq' }],
  ['Unrecognized key', { url: '${env:URL}', token: 'x' }],
])('%s', (said, robot) => {
  const { error } = Hooks.safeParse({ robots: { oncall: { vendor: 'dingtalk', ...robot } } });
  expect(error?.message).toContain(said);
});

test('a robot is called what an address can hold', () => {
  expect(Hooks.safeParse({ robots: { '../x': { vendor: 'wecom', url: '${env:URL}' } } }).success).toBe(false);
});

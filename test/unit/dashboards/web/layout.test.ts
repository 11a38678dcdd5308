import { expect, test } from 'vitest';
import { html } from '../../../../core/text/html.ts';
import { isolated, named, namedLink } from '../../../../dashboards/web/layout.ts';

const link = (path: string) => `${path}?lang=zh`;

test.each([
  ['orders', 'orders'],
  ['订单', '订单'],
  ['-', '-'],
  [' a b', ' a b'],
  [' \n', '&quot; \\n&quot;'],
  ['\u200b', '&quot;\u200b&quot;'],
  ['', '&quot;&quot;'],
])('the name %j is visible on a page', (name, shown) => {
  expect(named(name).text).toContain(`>${shown}</bdi>`);
});

test('a name in a sentence is isolated, and cannot end that', () => {
  expect(html`by ${isolated('ann')} until`.text).toBe('by \u2068ann\u2069 until');
  expect(html`by ${isolated('a\u2069\u202eb')}`.text).toBe('by \u2068a··b\u2069');
});

test('a group links to its page, unless the address is too long for a server', () => {
  const linked = (name: string) => namedLink(`/groups/${encodeURIComponent(name)}`, name, { link }).text;
  expect(linked('orders')).toMatch(/^<a href="\/groups\/orders\?lang=zh"><bdi .*>orders<\/bdi><\/a>$/);
  expect(linked('订'.repeat(454))).toContain('<a ');
  expect(linked('订'.repeat(455))).toMatch(/^<bdi /);
});

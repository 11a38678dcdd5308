import { expect, test } from 'vitest';
import { html, jsonBlock } from '../../../../core/text/html.ts';

const hostile = `<script>alert("x")</script>&'`;

test('escapes text in content and in attributes', () => {
  expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
    '<p title="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;">&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;</p>',
  );
});

test('text cannot reverse the direction of what follows it', () => {
  const name = 'a\u202egnp.exe\u2066';
  expect(html`<td>${name}</td>`.text).toBe('<td>a·gnp.exe·</td>');
  expect(html`<bdi title="${name}"></bdi>`.text).toBe('<bdi title="a·gnp.exe·"></bdi>');
  expect(html`<canvas id="a" aria-label="load of ${name}"></canvas>`.text).toContain('"load of a·gnp.exe·"');
  expect(jsonBlock('chart', [name]).text).toContain('["a·gnp.exe·"]');
});

test('a form sends true text', () => {
  const name = 'a\u202eb';
  expect(html`<input name="group" value="lag of ${[name]}" />${name}`.text).toBe(
    `<input name="group" value="lag of ${name}" />a·b`,
  );
  expect(html`<input ${html`value="${name}"`} />`.text).toContain(name);
  expect(html`<textarea name="note">${'\n'}${name}</textarea>${name}`.text).toContain(`\n${name}</textarea>a·b`);
});

test('keeps nested html templates as markup, also in lists', () => {
  const items = ['<', 2].map((item) => html`<li>${item}</li>`);
  expect(html`${items}`.text).toBe('<li>&lt;</li><li>2</li>');
});

test('omits undefined and false, but not zero', () => {
  expect(html`${undefined}${false}${0}`.text).toBe('0');
});

test('text cannot close a JSON block', () => {
  const { text } = jsonBlock('data', { name: hostile });
  expect(text.match(/<\/script>/g)).toHaveLength(1);
  expect(JSON.parse(text.replace(/^<script[^>]*>|<\/script>$/g, ''))).toEqual({ name: hostile });
});

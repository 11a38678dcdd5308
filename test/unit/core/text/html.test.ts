import { expect, test } from 'vitest';
import { html, jsonBlock } from '../../../../core/text/html.ts';

const hostile = `<script>alert("x")</script>&'`;

test('text is escaped, in content and in attributes', () => {
  expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
    '<p title="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;">&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;</p>',
  );
});

test('what the tag made itself stays markup, in lists too', () => {
  const items = ['<', 2].map((item) => html`<li>${item}</li>`);
  expect(html`${items}`.text).toBe('<li>&lt;</li><li>2</li>');
});

test('what is not there leaves nothing, but zero is there', () => {
  expect(html`${undefined}${false}${0}`.text).toBe('0');
});

test('no text can end a data block', () => {
  const { text } = jsonBlock('data', { name: hostile });
  expect(text.match(/<\/script>/g)).toHaveLength(1);
  expect(JSON.parse(text.replace(/^<script[^>]*>|<\/script>$/g, ''))).toEqual({ name: hostile });
});

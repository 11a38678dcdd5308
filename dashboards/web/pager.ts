// Renders links to the pages of a long list.

import { html, type Content } from '../../core/text/html.ts';
import type { View } from './view.ts';

export function renderPager(
  { page, pages }: { page: number; pages: number },
  { strings, numbers, here }: View,
): Content {
  if (pages < 2) return undefined;
  const { previous, next, pageOf } = strings.pages;
  const at = (other: number) => here({ page: other === 1 ? undefined : String(other) });
  return html`<nav class="pager" aria-label="${pageOf(numbers.plain(page), numbers.plain(pages))}">
    ${page > 1 && html`<a rel="prev" href="${at(page - 1)}">← ${previous}</a>`}
    <span>${pageOf(numbers.plain(page), numbers.plain(pages))}</span>
    ${page < pages && html`<a rel="next" href="${at(page + 1)}">${next} →</a>`}
  </nav>`;
}

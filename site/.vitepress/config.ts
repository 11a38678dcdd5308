// Configures the documentation site: VitePress theme, sidebar and local search.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { contentsOf } from '../contents.ts';
import { slugOf } from '../slug.ts';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));

export default defineConfig({
  title: 'Plimsoll',
  description: 'How much a Kafka or RocketMQ cluster can safely carry, and what stops it',
  // Prevents a request for /favicon.ico.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  srcDir: '../docs',
  outDir: '../dist-site',
  cacheDir: '../node_modules/.cache/vitepress',
  srcExclude: ['adr/0000-template.md'],
  // Links to files that are not pages, which tools/build-site.ts copies to the site.
  ignoreDeadLinks: [
    /^\/(dashboards|evidence|examples)\//,
    /\.schema$|\.json$|\/schema\/?$|^(\.\/)?schema\//,
    /^(\.\/)?(\.\.\/)*(adr|runbooks|how-to)\/?$/,
  ],
  markdown: {
    // `<name>` in a page is text.
    html: false,
    anchor: { slugify: slugOf },
    config: (markdown) => markdown.core.ruler.push('links out of docs/', leadToCopies),
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: contentsOf(docs).map(({ title, pages }, index) => ({
      text: title,
      collapsed: index > 1,
      items: pages.map((page) => ({ text: titleOf(page), link: `/${page}` })),
    })),
    nav: [
      { text: 'Quick start', link: '/tutorial/quick-start' },
      { text: 'Tutorial', link: '/tutorial/from-a-load-test-to-a-signed-report' },
      { text: 'Commands', link: '/reference/cli' },
    ],
  },
});

/** Changes links to files beside docs/ into links to their copies on the site. */
function leadToCopies({ tokens }: { tokens: readonly MarkdownToken[] }): void {
  for (const token of tokens.flatMap(({ children }) => children ?? [])) {
    const target = token.attrGet('href');
    if (target !== null)
      token.attrSet('href', target.replace(/^(?:\.\.\/)+(?=(?:dashboards|evidence|examples)\/)/, '/'));
  }
}

interface MarkdownToken {
  children: MarkdownToken[] | null;
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}

function titleOf(page: string): string {
  const [, title = page] = /^# (.+)$/m.exec(readFileSync(join(docs, `${page}.md`), 'utf8')) ?? [];
  return title.replaceAll('`', '');
}

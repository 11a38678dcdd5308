// Where in the site is each page of docs/? Sections in the order of a reader's questions; a page's title is its own first heading.

import { globSync } from 'node:fs';

export interface Section {
  title: string;
  /** Paths below docs/ without `.md`; of a folder, `folder/*`. */
  pages: readonly string[];
}

const named: readonly Section[] = [
  {
    title: 'Begin',
    pages: [
      'quick-start',
      'tutorial/*',
      'install',
      'concepts/*',
      'security',
      'permissions',
      'scaling-out',
      'comparison',
    ],
  },
  { title: 'How to', pages: ['how-to/*'] },
  {
    title: 'Load tests',
    pages: [
      'workload',
      'preflight',
      'rate-search',
      'find-max',
      'run-results',
      'ledger',
      'importers',
      'import-readings',
    ],
  },
  {
    title: 'What a cluster carries',
    pages: ['verdict', 'what-if', 'advise', 'bytes', 'scaling', 'founding', 'production-mode', 'telemetry-sources'],
  },
  {
    title: 'What is ahead',
    pages: [
      'forecast',
      'sizing',
      'sizing-answers',
      'simulation',
      'admission',
      'rendered-files',
      'report',
      'event-day',
      'review',
    ],
  },
  {
    title: 'Service and monitoring',
    pages: ['service', 'gallery', 'api', 'exporter', 'hosts', 'lag', 'gc-log', 'alerts', 'dashboards'],
  },
  {
    title: 'Changes of a cluster',
    pages: ['reassignment', 'partitions', 'offsets', 'rocketmq-changes', 'change-lease', 'change-rules', 'chaos'],
  },
  { title: 'Runbooks', pages: ['runbooks/*'] },
  {
    title: 'Reference',
    pages: [
      'reference/*',
      'errors',
      'findings',
      'metrics',
      'compatibility',
      'preflight-rules',
      'brokers',
      'rocketmq-requests',
      'kafka-tools',
      'mqadmin',
    ],
  },
  {
    title: 'Is it true?',
    pages: [
      'truth',
      'new-user',
      'reliability',
      'consistency',
      'loadgen-truth',
      'loadgen-matrix',
      'loadgen-speed',
      'analyze-speed',
      'gc-matrix',
      'gc-speed',
      'scrape-cost',
      'service-speed',
      'fleet-store',
    ],
  },
  { title: 'How it is made', pages: ['architecture', 'adr/*'] },
];

/**
 * @param docs the folder of the pages
 * @returns every page there but index.md, each once; those that no section names are in the last one
 */
export function contentsOf(docs: string): Section[] {
  const all = globSync('**/*.md', { cwd: docs })
    .map((path) => path.replace(/\.md$/, ''))
    .filter((page) => page !== 'index' && !page.endsWith('0000-template'))
    .toSorted();
  const isIn = (pages: readonly string[]) => (page: string) =>
    pages.includes(page) || pages.includes(`${page.split('/').slice(0, -1).join('/')}/*`);
  const sections = named.map(({ title, pages }) => {
    const place = (page: string) => {
      const exact = pages.indexOf(page);
      return exact === -1
        ? pages.findIndex((each) => each.endsWith('/*') && page.startsWith(each.slice(0, -1)))
        : exact;
    };
    return { title, pages: all.filter(isIn(pages)).toSorted((a, b) => place(a) - place(b)) };
  });
  const placed = new Set(sections.flatMap(({ pages }) => pages));
  const rest = all.filter((page) => !placed.has(page));
  return rest.length === 0 ? sections : [...sections, { title: 'More', pages: rest }];
}

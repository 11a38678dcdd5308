// Defines the order of the pages of docs/ in the site: tutorials, how-to guides, reference, explanation, evidence.

import { globSync } from 'node:fs';

export interface Section {
  title: string;
  /** Paths below docs/ without `.md`; `folder/*` for all pages of a folder. */
  pages: readonly string[];
}

const named: readonly Section[] = [
  { title: 'Tutorials', pages: ['quick-start', 'tutorial/*'] },
  { title: 'How-to guides', pages: ['install', 'how-to/*', 'import-readings', 'scaling-out', 'gallery'] },
  {
    title: 'How to change a cluster',
    pages: ['reassignment', 'partitions', 'offsets', 'resend', 'rocketmq-changes', 'change-lease', 'change-rules'],
  },
  { title: 'Runbooks', pages: ['runbooks/*'] },
  {
    title: 'Reference',
    pages: [
      'glossary',
      'reference/*',
      'workload',
      'run-results',
      'api',
      'metrics',
      'alerts',
      'dashboards',
      'findings',
      'errors',
      'permissions',
      'security',
      'brokers',
      'compatibility',
      'importers',
      'telemetry-sources',
      'cluster-check-rules',
      'rocketmq-requests',
      'schema-registry',
      'kafka-tools',
      'mqadmin',
    ],
  },
  {
    title: 'Explanation: load tests and verdicts',
    pages: [
      'concepts/*',
      'verdict',
      'rate-search',
      'redline',
      'cluster-check',
      'history',
      'consistency',
      'what-if',
      'advise',
      'bytes',
      'scaling',
      'production-mode',
      'founding',
      'comparison',
      'features',
    ],
  },
  {
    title: 'Explanation: planning',
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
  { title: 'Explanation: service and monitoring', pages: ['service', 'exporter', 'hosts', 'lag', 'gc-log'] },
  {
    title: 'Evidence',
    pages: [
      'truth',
      'reliability',
      'chaos',
      'new-user',
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
  { title: 'Design', pages: ['architecture', 'adr/*'] },
];

/**
 * @param docs the folder of the pages
 * @returns every page in it except index.md, each once; pages without a named section are in the last one
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

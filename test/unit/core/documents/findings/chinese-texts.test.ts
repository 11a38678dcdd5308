import { expect, test } from 'vitest';
import { findingExamples } from '../../../../../core/documents/findings/findings.ts';

test.each(['closed-loop', 'gc-limit', 'generator-limited', 'littles-law', 'replication-limit'] as const)(
  'the Chinese text of %s has Chinese units and names of brokers',
  (code) => {
    const texts = findingExamples(code).map(({ messageZh }) => messageZh);
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) expect(text).not.toMatch(/\bbroker \d|msg\/s| of /);
  },
);

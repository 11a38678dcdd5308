import { expect, test } from 'vitest';
import { renderVerdict } from '../../../../dashboards/web/verdict.ts';
import { createView } from '../../../../dashboards/web/view.ts';
import { readAnalysis } from '../../../support/analyses.ts';

test.each([
  ['en', 'The laboratory limits this link (plimsoll lab (tc-tbf)): measured there, not in production.'],
  ['zh', '结果测自实验环境，而非生产环境'],
] as const)('in %s, a verdict from the laboratory says so', (accepted, text) => {
  const view = createView({ prefix: '', path: '/', query: new URLSearchParams(), accepted });
  expect(renderVerdict(readAnalysis('load-test'), view).text).toContain(text);
});

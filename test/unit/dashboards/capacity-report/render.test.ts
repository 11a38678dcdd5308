import { expect, test } from 'vitest';
import { makeReport } from '../../../../analyzer/capacity-report/make-report.ts';
import { renderHtml } from '../../../../dashboards/capacity-report/render-html.ts';
import { renderMarkdown } from '../../../../dashboards/capacity-report/render-markdown.ts';
import { languages, partIds, type ReportLanguage } from '../../../../dashboards/capacity-report/words.ts';
import { writeReport } from '../../../../dashboards/capacity-report/write-parts.ts';
import { inputs } from '../../../support/capacity-report-inputs.ts';

const report = makeReport(inputs);
const names = Object.keys(languages) as ReportLanguage[];

test.each(names)('the report in %s as Markdown', async (language) => {
  await expect(renderMarkdown(writeReport(report, language))).toMatchFileSnapshot(
    `../../../golden/capacity-report-${language}.md`,
  );
});

test.each(names)('in %s every part is there, and none is empty', (language) => {
  const { parts } = writeReport(report, language);
  expect(parts.map(({ id }) => id)).toEqual(partIds);
  expect(parts.filter(({ blocks }) => blocks.length === 0)).toEqual([]);
});

test.each(names)('the page in %s needs nothing else and is the same for the same report', (language) => {
  const page = renderHtml(writeReport(report, language), language);
  expect(renderHtml(writeReport(makeReport(inputs), language), language)).toBe(page);
  expect(page).not.toMatch(/<script|<link|<img|https?:\/\/|\son\w+=/);
});

test('a report without a plan, and one without a measurement, say what is not known', () => {
  const { plan: _, ...measured } = inputs;
  for (const poor of [measured, { ...inputs, analyses: [], forecasts: [] }]) {
    expect(renderMarkdown(writeReport(makeReport(poor), 'en'))).toContain('Nothing is known of this.');
  }
});

test('names from files become no markup', () => {
  const hostile = `</title><script>alert(1)</script>|a\n# b\u202e[x](javascript:y)`;
  const named = writeReport(makeReport({ ...inputs, promotion: { name: hostile } }), 'en');
  expect(renderHtml(named, 'en')).not.toMatch(/<script|\u202e/);
  expect(renderMarkdown(named).split('\n')[0]).toBe(
    '# Capacity report: \\</title\\>\\<script\\>alert(1)\\</script\\>\\|a \\# b·\\[x\\](javascript:y)',
  );
});

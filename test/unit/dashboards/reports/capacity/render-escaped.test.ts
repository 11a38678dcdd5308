import { expect, test } from 'vitest';
import { inputs } from '../../../../support/capacity-report-inputs.ts';
import { reviewPromotion } from '../../../../../analyzer/review/review-promotion.ts';
import { happened } from '../../../../support/promotion-happened.ts';
import { makeReport } from '../../../../../analyzer/review/capacity-report/make-report.ts';
import { renderHtml } from '../../../../../dashboards/reports/capacity/render-html.ts';
import { renderMarkdown } from '../../../../../dashboards/reports/capacity/render-markdown.ts';
import { languages, type ReportLanguage } from '../../../../../dashboards/reports/capacity/texts.ts';
import { writeReview } from '../../../../../dashboards/reports/capacity/review/write-review.ts';
import { writeReport } from '../../../../../dashboards/reports/capacity/write-parts.ts';

const names = Object.keys(languages) as ReportLanguage[];

test('names from files are escaped', () => {
  const hostile = `</title><script>alert(1)</script>|a\n# b\u202e[x](javascript:y)`;
  const named = writeReport(makeReport({ ...inputs, promotion: { name: hostile } }), 'en');
  expect(renderHtml(named, 'en')).not.toMatch(/<script|\u202e/);
  expect(renderMarkdown(named).split('\n')[0]).toBe(
    '# Capacity report: \\</title\\>\\<script\\>alert(1)\\</script\\>\\|a \\# b·\\[x\\](javascript:y)',
  );
});

test.each(names)(
  'names of domains, clusters, hosts, files, incidents and alerts are escaped in the page in %s',
  (language) => {
    const hostile = `!</td></style><script>alert(1)</script>" onload="y' onerror='z\u202e`;
    const inJson = JSON.stringify(hostile).slice(1, -1);
    const named = <T>(value: T): T =>
      JSON.parse(JSON.stringify(value).replaceAll(/orders|finance|consumers|BrokerDown/g, `$&${inJson}`)) as T;
    const renamed = named(inputs);
    const report = makeReport(renamed);
    const review = reviewPromotion({ ...named(happened), report });
    for (const written of [
      writeReport(makeReport({ ...renamed, review }), language),
      writeReview(review, report.verdicts, language),
    ]) {
      const page = renderHtml(written, language);
      expect(page.match(/!&lt;\/td&gt;/g)?.length).toBeGreaterThan(5);
      expect(page).not.toMatch(/!<\/td|<script|" onload|' onerror|\u202e/);
      expect(renderMarkdown(written)).not.toMatch(/(?<!\\)<script|\u202e/);
    }
  },
);

import { expect, test } from 'vitest';
import { html } from '../../core/text/html.ts';
import { GcReport } from '../../gc/report/gc-report.ts';
import { renderGcPage } from '../../gc/report/page/page.ts';
import { createTimeline } from '../../gc/report/timeline.ts';
import { troubledReport } from '../support/golden-gc-report.ts';
import { troubledBroker } from '../support/troubled-broker.ts';

test('the JSON report has exactly the fields of the schema', () => {
  expect(GcReport.parse(JSON.parse(JSON.stringify(troubledReport())))).toEqual(troubledReport());
});

test.each(['en', 'zh'] as const)(
  'the page in %s loads no other file, and escapes HTML from a log',
  async (language) => {
    const timeline = createTimeline();
    for (const event of troubledBroker()) timeline.event(event);
    const report = troubledReport();
    report.byType.push({ type: '<img src=x onerror=alert(1)>', count: 1, totalSeconds: 0, maxSeconds: 0 });
    const page = await renderGcPage(report, timeline.series, language);
    expect(page).toContain(`<html lang="${language}">`);
    for (const { message, messageZh } of report.findings) {
      const shown = html`<span lang="${language}">${language === 'zh' ? messageZh : message}</span>`.text;
      expect(page).toContain(shown.replaceAll(/`([^`]+)`/g, '<code>$1</code>'));
    }
    expect(page).not.toContain('<img');
    expect(page).not.toMatch(/<(?:script|link|img)[^>]+(?:src|href)=/);
  },
);

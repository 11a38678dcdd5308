import { expect, test } from 'vitest';
import { radius, withRadius } from '../../../../support/report-with-blast-radius.ts';
import { blastRadiusLanguages } from '../../../../../dashboards/web/sizing/blast-radius-texts.ts';
import { renderHtml } from '../../../../../dashboards/reports/capacity/render-html.ts';
import { languages, type ReportLanguage } from '../../../../../dashboards/reports/capacity/texts.ts';
import { writeReport } from '../../../../../dashboards/reports/capacity/write-parts.ts';

const names = Object.keys(languages) as ReportLanguage[];

test.each(names)(
  'the blast radius in %s starts with the number of failures that have an effect, and the worst of them',
  (language) => {
    const part = writeReport(withRadius, language).parts.find(({ id }) => id === 'blast-radius');
    const [answer, table] = part?.blocks ?? [];
    const words = blastRadiusLanguages[language];
    const [worst] = withRadius.blastRadius?.clusters[0]?.failures ?? [];
    expect(answer).toMatchObject({ kind: 'text', text: expect.stringContaining(worst?.name ?? '') as string });
    expect(answer).toMatchObject({
      text: expect.stringContaining(words.effects[worst?.worst.effect ?? 'none']) as string,
    });
    if (table?.kind !== 'table') throw new Error('no table');
    expect(table.rows).toHaveLength(radius.failures.length);
    // Every figure links to its source, and the source is listed.
    const html = renderHtml(writeReport(withRadius, language), language);
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    expect([...html.matchAll(/href="#([^"]+)"/g)].filter(([, to]) => !ids.has(to))).toEqual([]);
    expect(html).toContain('radius.json');
  },
);

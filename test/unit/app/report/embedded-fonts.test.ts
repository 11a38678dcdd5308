import { expect, test } from 'vitest';
import { makeReport } from '../../../../analyzer/review/capacity-report/make-report.ts';
import { embeddedFonts, fontParts, renderReport } from '../../../../app/report/render-report.ts';
import { inputs } from '../../../support/capacity-report-inputs.ts';

const io = () => ({ signal: AbortSignal.timeout(5000), environment: {} });
const rules = (css: string) => [...css.matchAll(/@font-face\{[^}]*font-weight:(\d+)[^}]*unicode-range:([^}]*)\}/g)];

test('reads a part of the font from its rule', () => {
  const css = `@font-face { src: url(./files/a-4-400.woff2) format('woff2'), url(./a.woff) format('woff');
    unicode-range: U+4e00-4e1f,U+fee3; } @font-face { src: url(x.ttf); }`;
  expect(fontParts(css, 400)).toEqual([
    {
      weight: 400,
      file: './files/a-4-400.woff2',
      ranges: [
        [0x4e00, 0x4e1f],
        [0xfee3, 0xfee3],
      ],
    },
  ]);
});

test('embeds only the parts that the text needs, in both weights', async () => {
  const latin = rules(await embeddedFonts('safe', io()));
  expect(latin.map(([, weight]) => weight)).toEqual(['400', '700']);
  const both = rules(await embeddedFonts('safe 安', io()));
  expect(both).toHaveLength(4);
  const covered = both.flatMap(([, , ranges = '']) =>
    fontParts(`@font-face{url(a.woff2) unicode-range: ${ranges};}`, 400),
  );
  const isCovered = covered.some(({ ranges }) => ranges.some(([first, last]) => first <= 0x5b89 && last >= 0x5b89));
  expect(isCovered).toBe(true);
});

test('a page without --embed-fonts stays small, and a page with fonts loads nothing external', async () => {
  const page = async (withFonts: boolean) =>
    String(await renderReport(makeReport(inputs), { format: 'html', language: 'zh', withFonts }, io()));
  const [small, whole] = [await page(false), await page(true)];
  expect(small.length).toBeLessThan(60_000);
  expect(small).not.toContain('font-src');
  expect(whole).toContain('font-src data:');
  expect([...whole.matchAll(/url\((.{5})/g)].filter(([, start]) => start !== 'data:')).toEqual([]);
  expect(await page(true)).toBe(whole);
});

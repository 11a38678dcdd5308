import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { makeReport } from '../../../../../analyzer/review/capacity-report/make-report.ts';
import { analyzeBundle } from '../../../../../analyzer/verdict/analyze.ts';
import { findingExamples } from '../../../../../core/documents/findings/findings.ts';
import { renderXlsx } from '../../../../../dashboards/reports/capacity/render-xlsx.ts';
import { sheetLanguages } from '../../../../../dashboards/reports/capacity/sheets/texts.ts';
import { writeSheets } from '../../../../../dashboards/reports/capacity/sheets/write-sheets.ts';
import { languages } from '../../../../../dashboards/reports/capacity/texts.ts';
import { inputs } from '../../../../support/capacity-report-inputs.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { unzipped } from '../../../../support/unzipped.ts';

const report = makeReport(inputs);
const names = ['en', 'zh'] as const;
const sheetIds = Object.keys(sheetLanguages.en.sheets) as (keyof typeof sheetLanguages.en.sheets)[];

async function workbook(sheets = writeSheets(report, 'en')) {
  const files = unzipped(await renderXlsx(sheets));
  const texts = [...(files.get('xl/sharedStrings.xml') ?? '').matchAll(/<t[^>]*>([^<]*)<\/t>/g)].map(
    ([, text]) => text,
  );
  const styles = [...(files.get('xl/styles.xml') ?? '').matchAll(/numFmtId="(\d+)" formatCode="([^"]*)"/g)];
  const formats = new Map(styles.map(([, id, code]) => [id, code]));
  const used = [...(files.get('xl/styles.xml') ?? '').split('<cellXfs')[1]!.matchAll(/<xf ([^>]*?)\/?>/g)].map(
    ([, words]) => formats.get(/numFmtId="(\d+)"/.exec(words!)?.[1] ?? ''),
  );
  const sheet = (index: number) => files.get(`xl/worksheets/sheet${index + 1}.xml`) ?? '';
  /** Cells of a row: texts, or figures with their format. */
  const row = (index: number, number: number) =>
    [
      ...(sheet(index).split(`<row r="${number}"`)[1]?.split('</row>')[0] ?? '').matchAll(
        /<c ([^>]*?)(?:\/>|>(.*?)<\/c>)/g,
      ),
    ].map(([, words, content]) => {
      const value = /<v>(.*?)<\/v>/.exec(content ?? '')?.[1];
      if (value === undefined) return '';
      const format = used[Number(/s="(\d+)"/.exec(words!)?.[1])];
      return words!.includes('t="s"') ? texts[Number(value)] : `${value} ${format}`;
    });
  return { files, sheet, row, texts };
}

test.each(names)('the workbook in %s has a sheet for each part, with a frozen header', async (language) => {
  const { files, sheet } = await workbook(writeSheets(report, language));
  const titles = [...files.get('xl/workbook.xml')!.matchAll(/<sheet [^>]*name="([^"]*)"/g)].map(([, name]) => name);
  expect(titles).toEqual(sheetIds.map((id) => sheetLanguages[language].sheets[id]));
  for (const index of sheetIds.keys()) expect(sheet(index)).toMatch(/ySplit="1"[^>]*state="frozen"/);
  for (const title of titles) expect(title).toMatch(/^[^[\]:*?/\\]{1,31}$/);
});

test('a wide sheet prints on few pages, each with the header and the first column', async () => {
  const { files, sheet } = await workbook();
  for (const [id, pages] of [
    ['verdicts', 2],
    ['sources', 1],
  ] as const) {
    const xml = sheet(sheetIds.indexOf(id));
    expect(xml).toContain('<pageSetUpPr fitToPage="1"/>');
    expect(xml).toContain(`fitToWidth="${pages}" fitToHeight="0"`);
  }
  const titles = [...files.get('xl/workbook.xml')!.matchAll(/<definedName [^>]*>([^<]*)</g)].map(([, cells]) => cells);
  expect(titles).toHaveLength(sheetIds.length);
  expect(titles[0]).toBe("'Verdicts'!$A:$A,'Verdicts'!$1:$1");
});

test('a figure is a number with its format, a day is a date, and an unknown value is an empty cell', async () => {
  const { row } = await workbook();
  const orders = row(sheetIds.indexOf('verdicts'), 4);
  expect(orders.slice(0, 2)).toEqual(['orders', 'GO with conditions – only after the plan is carried out']);
  expect(orders.slice(3, 12)).toEqual([
    '36000 #,##0',
    '42000 #,##0',
    '50000 #,##0',
    'predicted',
    '25000 #,##0',
    '26000 #,##0',
    '27000 #,##0',
    // The lowest safe maximum: at N-1.
    '12000 #,##0',
    '-0.6799999999999999 0.0%',
  ]);
  // Days since 1899-12-30.
  expect(orders.slice(20, 23)).toEqual(['46305 yyyy-mm-dd', '46395 yyyy-mm-dd', '']);
});

test('an observed rate is not an estimate of the safe maximum', async () => {
  const bundle = fileURLToPath(new URL('../../../../../examples/founding-70k', import.meta.url));
  const analysis = await analyzeBundle(bundle, examplePolicy());
  const made = makeReport({ ...inputs, analyses: inputs.analyses.map((each) => ({ ...each, analysis })) });
  const { safeTps } = made.verdicts.find(({ domain }) => domain === 'orders') ?? {};
  expect(safeTps).toBeLessThan(70_000);
  const cells = writeSheets(made, 'en')[sheetIds.indexOf('verdicts')]?.rows.find(([domain]) => domain === 'orders');
  expect(cells?.slice(6, 10)).toEqual(['observed', safeTps, undefined, undefined]);
});

test('the time of a forecast peak includes hours, in the time zone of the column title', async () => {
  // Midnight of Double 11 in Shanghai.
  const highestPointAt = '2026-11-10T16:00:00.000Z';
  const forecasts = inputs.forecasts.map(({ forecast, ...each }) => ({
    ...each,
    forecast: { ...forecast, peak: { ...forecast.peak, highestPointAt } },
  }));
  const { row } = await workbook(writeSheets(makeReport({ ...inputs, forecasts }), 'en'));
  const demand = sheetIds.indexOf('demand');
  expect(row(demand, 1)[5]).toBe('Time of the peak, UTC');
  expect(row(demand, 4)[5]).toMatch(/^46336\.6666\d* yyyy-mm-dd hh:mm$/);
});

test('a consumer group has the lower bound of its rate', () => {
  const audit = {
    kind: 'measured' as const,
    group: 'audit',
    tps: 700,
    interval: { low: 650, high: 750, confidence: 0.95 },
    episodes: 1,
  };
  const evidence = report.evidence.map((each) => ({ ...each, consumerGroups: [audit] }));
  const sheet = writeSheets({ ...report, evidence }, 'en')[sheetIds.indexOf('consumers')];
  expect(sheet?.columns[3]?.title).toBe(languages.en.canTake);
  expect(sheet?.rows.map((cells) => cells.slice(1, 4))).toEqual([['audit', 'measured', 650]]);
});

test('resources and steps of a cluster with brokers down have that scope', () => {
  const evidence = report.evidence.map((each) => ({ ...each, without: ['broker-c:0'] }));
  for (const [language, scope] of [
    ['en', 'without broker-c:0'],
    ['zh', 'broker-c:0 停机'],
  ] as const) {
    const sheets = writeSheets({ ...report, evidence }, language);
    for (const id of ['evidence', 'steps'] as const) {
      const sheet = sheets[sheetIds.indexOf(id)];
      const column = sheet?.columns.findIndex(({ title }) => title === languages[language].scope) ?? -1;
      expect(sheet?.rows.map((row) => row[column])).toEqual([scope]);
      expect(sheet?.rows.map((row) => row.length)).toEqual([sheet?.columns.length]);
    }
  }
});

test('the Chinese workbook has Chinese units and bottlenecks', () => {
  const sheets = writeSheets(report, 'zh');
  const sheetOf = (id: (typeof sheetIds)[number]) => sheets[sheetIds.indexOf(id)];
  const titles = (['evidence', 'steps'] as const).flatMap((id) => sheetOf(id)?.columns.map(({ title }) => title) ?? []);
  expect(titles).toContain('时长（秒）');
  expect(titles.filter((title) => title.endsWith(', s'))).toEqual([]);
  const sizing = sheetOf('sizing');
  const column = sizing?.columns.findIndex(({ title }) => title === languages.zh.limitedBy) ?? -1;
  expect(sizing?.rows.map((cells) => cells[column])).toEqual(['网卡出向', '网卡出向', undefined]);
});

test('the Chinese workbook lists unmonitored hosts in Chinese', () => {
  const conditions: (typeof report.verdicts)[number]['conditions'] = [
    { condition: 'monitoring', state: 'unknown', subject: 'host of broker 1, host of broker 2' },
  ];
  const verdicts = report.verdicts.slice(0, 1).map((verdict) => ({ ...verdict, conditions }));
  const sheet = writeSheets({ ...report, verdicts }, 'zh')[sheetIds.indexOf('conditions')];
  expect(sheet?.rows.map((cells) => cells.at(-1))).toEqual(['Broker 1 的主机、Broker 2 的主机']);
});

test('a loss has the peak, the cost has a total, and a sensitivity has the number of brokers in the plan', () => {
  const sheets = writeSheets(report, 'en');
  const rowsOf = (id: (typeof sheetIds)[number]) => sheets[sheetIds.indexOf(id)]?.rows ?? [];
  expect(rowsOf('failures')).toEqual([['orders', 'broker', 'broker-a:0', 12_000, 42_000, 50_000, 'analysis orders']]);
  const sizing = sheets[sheetIds.indexOf('sizing')];
  const total = sizing?.rows.at(-1);
  expect(total).toHaveLength(sizing?.columns.length ?? 0);
  const cellOf = (title: string) => total?.[sizing?.columns.findIndex((column) => column.title === title) ?? -1];
  const { cluster, machines, cost } = languages.en;
  expect([cluster, machines, cost('CNY')].map(cellOf)).toEqual(['Total', 12, 38_400]);
  const sensitivity = rowsOf('risks').filter(([, kind]) => kind === 'sensitivity');
  expect(sensitivity.map((cells) => cells.slice(3))).toEqual([
    ['promotion', 3, 9, 6],
    ['promotion', 3, 9, 6],
  ]);
});

test('a row is as high as its wrapped text, so titles and reasons are not cut off', async () => {
  const reason = 'word '.repeat(60);
  const verdicts = report.verdicts.map((verdict) => ({ ...verdict, domain: reason }));
  const { sheet } = await workbook(writeSheets({ ...report, verdicts }, 'en'));
  const heights = [...sheet(0).matchAll(/<row r="\d+" ht="(\d+)" customHeight="1"/g)].map(([, height]) =>
    Number(height),
  );
  // Lines of 13 points: "Safe maximum, estimate, msg/s" in 13 characters, and 300 characters in 18.
  expect(heights[0]).toBeGreaterThanOrEqual(3 * 13);
  expect(heights[1]).toBeGreaterThanOrEqual(17 * 13);
});

test('the lines of a finding are separate lines in a cell', async () => {
  const findings = findingExamples('trials-excluded');
  const evidence = report.evidence.map((each) => ({ ...each, findings }));
  const { texts } = await workbook(writeSheets({ ...report, evidence }, 'en'));
  expect(texts).toContainEqual(expect.stringMatching(/^Trials excluded .*1 of 9:\n8,000 msg\/s \(bisect\): /));
});

test('text that starts like a formula remains text', async () => {
  const hostile = ['=HYPERLINK("http://x","y")', '+1+1', '-2', '@SUM(A1)', '\t=1', '</t><f>1</f>', '\u202eabc'];
  const verdicts = report.verdicts.map((verdict) => ({ ...verdict, domain: hostile[0]!, owners: hostile }));
  const { files, row } = await workbook(writeSheets({ ...report, verdicts, promotion: { name: hostile[1]! } }, 'en'));
  for (const [name, text] of files) if (name.includes('sheet')) expect(text).not.toMatch(/<f[ >]/);
  expect(row(0, 2)).toEqual(expect.arrayContaining(['=HYPERLINK("http://x","y")', '+1+1']));
  expect(files.get('xl/sharedStrings.xml')).not.toMatch(/\u202e|\t/);
});

test('the same report has the same bytes, even a day later', async () => {
  const first = await renderXlsx(writeSheets(report, 'zh'));
  vi.useFakeTimers({ now: Date.now() + 86_400_000, toFake: ['Date'] });
  try {
    expect((await renderXlsx(writeSheets(makeReport(inputs), 'zh'))).equals(first)).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test('a report without measurement and plan has all sheets, without rows', async () => {
  const { plan: _, ...rest } = inputs;
  const { sheet } = await workbook(writeSheets(makeReport({ ...rest, analyses: [], forecasts: [] }), 'en'));
  for (const index of sheetIds.keys()) expect(sheet(index).match(/<row /g)).toHaveLength(1);
});

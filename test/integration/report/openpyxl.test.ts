// Reads the spreadsheet with openpyxl.

import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { makeReport } from '../../../analyzer/review/capacity-report/make-report.ts';
import { renderXlsx } from '../../../dashboards/reports/capacity/render-xlsx.ts';
import { writeSheets } from '../../../dashboards/reports/capacity/sheets/write-sheets.ts';
import { inputs } from '../../support/capacity-report-inputs.ts';
import { run } from '../../support/jvms/built-once.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const requirements = [
  'openpyxl==3.1.5 --hash=sha256:5282c12b107bffeef825f4617dc029afaf41d0ea60823bbb665ef3079dc79de2',
  'et_xmlfile==2.0.0 --hash=sha256:7a91720bc756843502c3b7504c77b8fe44217c85c537d85037f0f536151b2caa',
];

const reader = `
import glob, json, sys
sys.path[:0] = glob.glob(sys.argv[1] + '/*.whl')
import openpyxl
book = openpyxl.load_workbook(sys.argv[2])
print(json.dumps([{
  'name': sheet.title,
  'frozen': sheet.freeze_panes,
  'rows': [[str(cell.value) if cell.is_date else cell.value for cell in row] for row in sheet.iter_rows()],
  'types': sorted({cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}),
} for sheet in book]))`;

if (fullMatrix) {
  requires('pip').test(
    'openpyxl reads numbers, dates and text from the expected cells, and no formula',
    async () => {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-openpyxl-'));
      const [list, book] = [join(folder.path, 'requirements.txt'), join(folder.path, 'report.xlsx')];
      await writeFile(list, `${requirements.join('\n')}\n`);
      const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes'];
      await run('python3', [...pip, '--dest', folder.path, '--requirement', list]);
      const report = makeReport({ ...inputs, promotion: { name: '=1+1' } });
      await writeFile(book, await renderXlsx(writeSheets(report, 'zh')));

      const sheets = JSON.parse(await run('python3', ['-W', 'ignore', '-c', reader, folder.path, book])) as {
        name: string;
        frozen: string;
        rows: unknown[][];
        types: string[];
      }[];
      expect(sheets.map(({ frozen }) => frozen)).toEqual(sheets.map(() => 'B2'));
      // d: date, n: number, s: text; f would be a formula.
      expect(new Set(sheets.flatMap(({ types }) => types))).toEqual(new Set(['d', 'n', 's']));
      const orders = sheets[0]?.rows.find(([domain]) => domain === 'orders');
      expect(orders?.slice(3, 11)).toEqual([36_000, 42_000, 50_000, '预测', 25_000, 26_000, 27_000, 12_000]);
      expect(orders?.slice(19, 21)).toEqual(['=1+1', '2026-10-10 00:00:00']);
    },
    60_000,
  );
}

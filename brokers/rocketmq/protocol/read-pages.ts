// Reads a whole table of a broker, which returns it in pages or all at once.

import { defined } from '../../../core/defined.ts';

export interface Page {
  /** The first row wanted, in the order of names. */
  from: number;
  most: number;
  /** As the page before gave it: of another version a broker sends the first page. */
  dataVersion?: string;
}

export interface PageRows<Row> {
  rows: readonly Row[];
  dataVersion?: string;
  /** How many there are in all; absent where the broker sends all of them at once. */
  total?: number;
}

/** An answer with 20,000 configs is 4 MB; frames end at 16 MiB. */
const pageSize = 20_000;

/** @returns all rows, each name once; a table that changes meanwhile is read again from its beginning */
export async function readPages<Row extends { name: string }>(
  ask: (page: Page) => Promise<PageRows<Row>>,
): Promise<Row[]> {
  let rows: Row[] = [];
  let version: string | undefined;
  for (;;) {
    const page = await ask({ from: rows.length, most: pageSize, ...defined({ dataVersion: version }) });
    rows = page.dataVersion === version ? rows.concat(page.rows) : [...page.rows];
    version = page.dataVersion;
    if (page.rows.length > 0 && page.total !== undefined && rows.length < page.total) continue;
    // A broker that does not page answers each further question with the same rows.
    return [...new Map(rows.map((row) => [row.name, row])).values()];
  }
}

/** @param total of the header, decimal text; brokers that send everything at once have none */
export function pageOf<Row>(
  rows: readonly Row[],
  dataVersion: string | undefined,
  total: string | undefined,
): PageRows<Row> {
  const count = Number(total ?? Number.NaN);
  return { rows, ...defined({ dataVersion, total: Number.isInteger(count) ? count : undefined }) };
}

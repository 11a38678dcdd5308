// Reads a whole table of a broker, in pages if the broker supports them.

import { defined } from '../../../core/defined.ts';
import type { LooseObject } from './loose-json.ts';

export interface Page {
  /** Index of the first row, in the order of names. */
  from: number;
  most: number;
  /** Version of the previous page; for another version a broker sends the first page. */
  dataVersion?: string;
}

export interface PageRows<Row> {
  rows: readonly Row[];
  dataVersion?: string;
  /** Number of rows in the table; absent if the broker sends all at once. */
  total?: number;
}

/** Rows per page: 20,000 configs are 4 MB, and frames end at 16 MiB. */
const pageSize = 20_000;

/** @returns all rows, each name once; restarts from the first page if the table changes */
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
    // A broker without pages answers every request with the same rows.
    return [...new Map(rows.map((row) => [row.name, row])).values()];
  }
}

/** @param total from the response header, decimal text; absent if the broker sends everything at once */
export function pageOf<Row>(
  rows: readonly Row[],
  dataVersion: string | undefined,
  total: string | undefined,
): PageRows<Row> {
  const count = Number(total ?? Number.NaN);
  return { rows, ...defined({ dataVersion, total: Number.isInteger(count) ? count : undefined }) };
}

/** @returns the version as text, to compare and to send back; undefined if the broker sent none */
export function dataVersionOf(body: LooseObject): string | undefined {
  const version = body.object('dataVersion');
  if (version === undefined) return undefined;
  const fields = ['stateVersion', 'timestamp', 'counter'].flatMap((name) => {
    const value = version.bigint(name);
    return value === undefined ? [] : [`"${name}":${value}`];
  });
  return `{${fields.join(',')}}`;
}

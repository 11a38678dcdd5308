// Parses search, sort and page of a list from the address, and selects its rows.

import type { SharedBy } from '../../../core/client-cost.ts';

export interface ListQuery<Sort extends string> {
  /** Part of a name, case-insensitive. */
  q: string;
  sort: Sort;
  /** Page number, starting at 1. */
  page: number;
}

export interface ListPage<Row> {
  rows: readonly Row[];
  /** Number of rows that match the query, on all pages. */
  found: number;
  all: number;
  page: number;
  pages: number;
}

/** A list of a cluster, with shares of its bottleneck if that is known. */
export interface ClusterList<Row, Sort extends string> {
  cluster: string;
  page: ListPage<Row>;
  query: ListQuery<Sort>;
  sharedBy?: SharedBy;
}

/** A row with a name of 249 characters has 1 kB. */
export const rowsPerPage = 100;
const longestSearch = 249;

/** Unknown parameters are ignored, so that old links still work. */
export function readListQuery<Sort extends string>(
  parameters: URLSearchParams,
  sorts: readonly [Sort, ...Sort[]],
): ListQuery<Sort> {
  const page = Number(parameters.get('page') ?? 1);
  return {
    q: (parameters.get('q') ?? '').trim().slice(0, longestSearch),
    sort: sorts.find((sort) => sort === parameters.get('sort')) ?? sorts[0],
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
  };
}

/**
 * @param namesOf searched texts of a row
 * @param orders sort orders of rows; equal rows are sorted by name
 */
export function selectRows<Row, Sort extends string>(
  all: readonly Row[],
  { q, sort, page: wanted }: ListQuery<Sort>,
  namesOf: (row: Row) => readonly (string | undefined)[],
  orders: Readonly<Record<Sort, (one: Row, other: Row) => number>>,
): ListPage<Row> {
  const part = q.toLowerCase();
  const found = all.filter((row) => part === '' || namesOf(row).some((name) => name?.toLowerCase().includes(part)));
  const byName = (one: Row, other: Row) => comparedNames(namesOf(one)[0], namesOf(other)[0]);
  const order = orders[sort];
  const sorted = found.toSorted(order);
  const pages = Math.max(1, Math.ceil(found.length / rowsPerPage));
  const page = Math.min(wanted, pages);
  const [from, to] = [(page - 1) * rowsPerPage, Math.min(page * rowsPerPage, sorted.length)];
  const isEqual = (index: number) => {
    const [one, other] = [sorted[index - 1], sorted[index]];
    return one !== undefined && other !== undefined && order(one, other) === 0;
  };
  // Comparing thousands of names is slow, so only rows that may be on this page are compared by name.
  let [first, end] = [from, to];
  while (isEqual(first)) first--;
  while (isEqual(end)) end++;
  const near = sorted.slice(first, end).toSorted((one, other) => order(one, other) || byName(one, other));
  const rows = near.slice(from - first, to - first);
  return { rows, found: found.length, all: all.length, page, pages };
}

const names = new Intl.Collator('en', { numeric: true });
const comparedNames = (one: string | undefined, other: string | undefined) => names.compare(one ?? '', other ?? '');

/** Sorts highest first, and unknown values last. */
export function byFigure<Row>(figureOf: (row: Row) => number | undefined): (one: Row, other: Row) => number {
  return (one, other) => {
    const [a, b] = [figureOf(one), figureOf(other)];
    return a === undefined || b === undefined ? Number(a === undefined) - Number(b === undefined) : b - a;
  };
}

// Reads all definitions of a broker, which returns them in pages or all at once.

import type { Io } from '../../driver.ts';

export interface DefinitionPage<Row> {
  rows: readonly Row[];
  dataVersion: string | undefined;
  /** How many there are in all; NaN where the broker sends all of them at once. */
  total: number;
}

/** As the inspector asks. */
const pageSize = 2000;

/** @param ask for the page from that row on @returns all rows; starts again when they changed meanwhile */
export async function readDefinitions<Row>(
  ask: (page: { from: number; most: number; dataVersion?: string }, io: Io) => Promise<DefinitionPage<Row>>,
  io: Io,
): Promise<Row[]> {
  let rows: Row[] = [];
  let version: string | undefined;
  for (;;) {
    const page = { from: rows.length, most: pageSize, ...(version !== undefined && { dataVersion: version }) };
    const { rows: more, dataVersion, total } = await ask(page, io);
    if (rows.length > 0 && dataVersion !== version) {
      rows = [];
      version = undefined;
      continue;
    }
    rows.push(...more);
    version = dataVersion;
    if (more.length === 0 || !(rows.length < total)) return rows;
  }
}

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../../core/clock.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { createHistoryCsv } from '../../../../service/pages/entries.ts';
import { annotation, operator } from '../../../support/history-entries.ts';

async function csvOf(entries: number): Promise<{ bytes: Buffer; lines: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-history-csv-'));
  const history = openHistory(join(folder, 'ledger.sqlite'), { clock: systemClock });
  onTestFinished(() => {
    history[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });
  for (let i = 0; i < entries; i++) history.append(annotation('大促'), operator);
  const app = express().get('/ledger.csv', createHistoryCsv({ history }, { prefix: '', sections: [] }));
  const server = createServer(app).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/ledger.csv`);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { bytes, lines: bytes.toString().trimEnd().split('\r\n') };
}

test('an export shorter than the history ends with a notice', async () => {
  const { lines } = await csvOf(501);
  expect(lines).toHaveLength(502);
  expect(lines.at(-1)).toMatch(/Only 500 entries are exported here.*plimsoll history export/);
});

test('a complete export has no notice, and starts with a UTF-8 byte order mark for Excel', async () => {
  const { lines, bytes } = await csvOf(500);
  expect(lines).toHaveLength(501);
  expect(lines.at(-1)).not.toContain('exported here');
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
});

// Implements `plimsoll history add`: adds documents of other commands and runs to the history.

import { z } from 'zod';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { resolvePolicy } from '../../core/policy/policy-config.ts';
import { defined } from '../../core/defined.ts';
import type { NewHistoryEntry } from '../../core/documents/history-entry.ts';
import { AppError } from '../../core/errors.ts';
import { openHistory } from '../../service/history/sqlite-history.ts';
import { defineCommand, flag, option, printDocument } from '../command.ts';
import { summaryOf } from '../history/entry-text.ts';
import { authorHere, historyOptions, historyPlace } from '../history/opened.ts';
import type { Config } from '../../app/config/config-file.ts';
import { readEntries } from '../../app/history/read-documents.ts';
import { plain } from '../../core/text/table.ts';

const charactersUpTo = (most: number) =>
  z
    .string()
    .refine((text) => text !== '' && text.length <= most, { error: `takes 1 to ${most} characters` })
    .optional();
const [Name, Remark] = [charactersUpTo(249), charactersUpTo(2000)];

export const historyAddCommand = defineCommand({
  positionals: 'FILE|RUN…',
  options: {
    ...historyOptions,
    cluster: option('NAME', 'name of the cluster in the config file (default: the cluster in the document)', Name),
    domain: option('NAME', 'business domain of the entries', Name),
    why: option('TEXT', 'comment for later readers', Remark),
    evidence: option('TEXT', 'source of the figures (default: path of the file or run)', Remark),
    json: flag('print the entries as one JSON document'),
  },
  examples: [
    'plimsoll history add runs/20260101-120000',
    'plimsoll history add verdict.json --cluster orders --why "after the new cards"',
    'plimsoll history add plan.json forecast.json --cluster orders',
    'plimsoll history add reassignment.json --cluster orders --domain payment',
  ],

  async run(io) {
    const { positionals, options, signal, clock } = io;
    if (positionals.length === 0) {
      throw new AppError('usage', 'no files given', {
        hint: 'give files written by other commands, or folders of runs: `plimsoll history add verdict.json`; docs/explanation/service.md lists them',
      });
    }
    const { file, config } = await historyPlace(io);
    const { cluster, domain, why, evidence } = options;
    const stated = defined({ cluster, domain, why, evidence });
    const policy = resolvePolicy(config?.analyzer);
    // Reads all before it writes one.
    const entries = [];
    for (const path of positionals) {
      const read = await readEntries(path, stated, { policy, signal });
      for (const entry of read) checkKind(path, entry, config);
      entries.push(...read);
    }
    using history = openHistory(file, { clock });
    const written = history.appendAll(entries, authorHere(io));
    printDocument(io, { schemaVersion: 1, entries: written }, () =>
      written.map((entry) => `${plain(`entry ${entry.id}, ${entry.kind}: ${summaryOf(entry)}`)}\n`).join(''),
    );
  },
});

/** @throws AppError usage for figures of a kind of cluster other than in the config: they would become its safe maximum */
function checkKind(path: string, entry: NewHistoryEntry, config: Config | undefined): void {
  if (entry.kind !== 'test' && entry.kind !== 'verdict') return;
  const { cluster = '', document } = entry;
  const { broker: measured } = document.run;
  const configured = config?.clusters[cluster]?.broker;
  if (measured === undefined || configured === undefined || measured === configured) return;
  const [own, other] = [traitsOf(measured).displayName, traitsOf(configured).displayName];
  throw new AppError('usage', `${path} is of a ${own} cluster, but ${cluster} is a ${other} cluster`, {
    hint: `give --cluster NAME of a ${own} cluster`,
  });
}

// Into which formats can a run be exported? One line each; the command line takes their names from these keys.

import { csv } from './csv.ts';
import type { ExportFormat } from './export-format.ts';
import { hlog } from './hlog.ts';
import { omb } from './omb.ts';

export const exportFormats = { omb, hlog, csv } satisfies Record<string, ExportFormat>;

export type ExportFormatName = keyof typeof exportFormats;

// Registers the export formats; the keys are their names on the command line.

import { csv } from './csv.ts';
import type { ExportFormat } from './export-format.ts';
import { hlog } from './hlog.ts';
import { omb } from './omb.ts';

export const exportFormats = { omb, hlog, csv } satisfies Record<string, ExportFormat>;

export type ExportFormatName = keyof typeof exportFormats;

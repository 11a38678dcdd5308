// Appends one line per change to the audit log: who started the change and what permitted it.

import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { parseJson } from '../../core/text/parse-json.ts';
import { ifAbsent, storeFault } from './journal-file.ts';
import { makeFolder } from '../../core/files.ts';

export const AuditLine = z.strictObject({
  schemaVersion: z.literal(1),
  at: z.iso.datetime(),
  cluster: z.string().describe('its name in the config'),
  clusterId: z.string().describe('cluster id or name that its brokers report'),
  owner: z.string(),
  host: z.string(),
  change: z.string(),
  subject: z.string(),
  duringFreeze: z
    .strictObject({
      freeze: z.string(),
      freezeReason: z.string(),
      reason: z.string().describe('typed by the operator'),
    })
    .optional()
    .describe('the freeze that was overridden'),
  approval: z
    .strictObject({ id: z.string(), approver: z.string(), digest: z.string(), approvedAt: z.iso.datetime() })
    .optional()
    .describe('who approved the plan'),
});
export type AuditLine = z.infer<typeof AuditLine>;

const auditFile = (folder: string): string => join(folder, 'change-audit.ndjson');

/** Returns after the line is on disk. @throws AppError no-space, no-permission; approval-refused */
export async function recordAudit(folder: string, line: AuditLine): Promise<void> {
  const path = auditFile(folder);
  try {
    makeFolder(folder);
    await using file = await open(path, 'a+', 0o600);
    const written = await file.readFile('utf8');
    // Another start may have used it since it was checked, before this one had the lease.
    if (line.approval !== undefined && approvalsIn(written).has(line.approval.id)) {
      throw new AppError(
        'approval-refused',
        'another command has just started with this approval, which is valid for one start: nothing was changed',
      );
    }
    // Starts a new line after a line torn by a crash or full disk; appended to it, this one would be unreadable, too.
    const isTorn = written !== '' && !written.endsWith('\n');
    await file.appendFile(`${isTorn ? '\n' : ''}${JSON.stringify(line)}\n`);
    await file.sync();
  } catch (cause) {
    throw cause instanceof AppError ? cause : storeFault(cause, `cannot write ${path}`);
  }
}

/** @returns ids of approvals used by earlier changes. @throws AppError no-permission, change-unreadable */
export async function usedApprovals(folder: string): Promise<ReadonlySet<string>> {
  const path = auditFile(folder);
  const text = await readFile(path, 'utf8').catch(ifAbsent('', path));
  return approvalsIn(text);
}

function approvalsIn(text: string): ReadonlySet<string> {
  // Skips a torn last line: it was not on disk, so its change never started.
  const lines = text.split('\n').slice(0, -1);
  return new Set(lines.flatMap((line) => Used.safeParse(parseJson(line)).data?.approval.id ?? []));
}

const Used = z.looseObject({ approval: z.looseObject({ id: z.string() }) });

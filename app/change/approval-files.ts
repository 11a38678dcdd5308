// Reads and writes the files of an approval: plan, signed approval and the key of an approver.

import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { AppError, orFault } from '../../core/errors.ts';
import { ApprovablePlan } from '../../ops/change/approvable-plan.ts';
import { SignedApproval } from '../../ops/change/approval.ts';
import { readBytes } from '../files/read-bounded.ts';
import { writeNew } from '../files/write-new.ts';

type Io = Parameters<typeof readBytes>[1];

const unreadable = { fault: 'approval-refused', missing: 'approval-refused' } as const;

export const readPlanFile = (path: string, io: Io): Promise<ApprovablePlan> =>
  readDocument(path, ApprovablePlan, 'plan of a change', io);
export const readApprovalFile = (path: string, io: Io): Promise<SignedApproval> =>
  readDocument(path, SignedApproval, 'approval of a change', io);

/** @throws AppError approval-refused, no-permission for a file that cannot be read */
async function readDocument<Schema extends z.ZodType>(path: string, schema: Schema, what: string, io: Io) {
  const content = await readBytes(path, io, unreadable);
  try {
    return schema.parse(JSON.parse(content.toString()));
  } catch (cause) {
    const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    const why = issue === undefined ? (cause as Error).message : `${issue.path.join('.')}: ${issue.message}`;
    throw new AppError('approval-refused', `${path} is not the ${what}: ${why}`, { cause });
  }
}

/** Hint for an existing file: plans, approvals and keys are never overwritten. */
export const isNew = 'name a file that does not exist yet';

const othersMay = 0o077;

/** @throws AppError approval-refused for a key that others may read, or that is not Ed25519 */
export async function readPrivateKey(path: string, io: Io): Promise<KeyObject> {
  const content = await readBytes(path, io, unreadable);
  const key = orFault(() => createPrivateKey(content), 'approval-refused', `cannot read the key ${path}`);
  const { mode } = await stat(path);
  if ((mode & othersMay) !== 0) {
    throw new AppError('approval-refused', `other users can read the key ${path}: nothing was approved`, {
      hint: `chmod 600 ${path}`,
    });
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new AppError('approval-refused', `${path} is not an Ed25519 key: nothing was approved`);
}

/** @returns the public key to add to the config. @throws AppError file-exists, no-permission, no-space */
export async function writeNewKey(path: string): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  await writeNew(path, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), { mode: 0o600, hint: isNew });
  return publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
}

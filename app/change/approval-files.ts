// Reads and writes the files of an approval: plan, signed approval and the key of an approver.

import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { ApprovablePlan } from '../../ops/change/approvable-plan.ts';
import { SignedApproval } from '../../ops/change/approval.ts';
import { writeNew } from '../files/write-new.ts';

/** Maximum size of a document file; a plan of 100,000 partitions has 10 MB. */
const largestBytes = 64 * 2 ** 20;

export const readPlanFile = (path: string): Promise<ApprovablePlan> =>
  readDocument(path, ApprovablePlan, 'plan of a change');
export const readApprovalFile = (path: string): Promise<SignedApproval> =>
  readDocument(path, SignedApproval, 'approval of a change');

/** @throws AppError approval-refused for a file that cannot be read */
async function readDocument<Schema extends z.ZodType>(path: string, schema: Schema, what: string) {
  try {
    const { size } = await stat(path);
    if (size > largestBytes) throw new Error(`it has ${size} bytes`);
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
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
export async function readPrivateKey(path: string): Promise<KeyObject> {
  let key: KeyObject;
  let mode: number;
  try {
    ({ mode } = await stat(path));
    key = createPrivateKey(await readFile(path));
  } catch (cause) {
    throw new AppError('approval-refused', `cannot read the key ${path}: ${(cause as Error).message}`, { cause });
  }
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

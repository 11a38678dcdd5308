// Defines a worker's pass: the coordinator's address and certificate, and a single-use token.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { createAuthority } from './certificate.ts';

/** Name in the coordinator's certificate, independent of its address. */
export const coordinatorName = 'coordinator.plimsoll';

const TlsIdentity = z.strictObject({ certificate: z.string(), key: z.string() });

export const Pass = z.strictObject({
  schemaVersion: z.literal(1),
  worker: z.string().min(1),
  connect: z.strictObject({ host: z.string().min(1), port: z.number().int().min(1).max(65_535) }),
  token: z.string().min(32),
  /** Certificate of the run's authority in PEM. */
  authority: z.string(),
  identity: TlsIdentity,
});
export type Pass = z.infer<typeof Pass>;

/** Coordinator's record of the passes: only digests of the tokens. */
export const Admission = z.strictObject({
  schemaVersion: z.literal(1),
  authority: z.string(),
  identity: TlsIdentity,
  /** SHA-256 of each worker's token, in hex. */
  tokens: z.record(z.string(), z.string()),
});
export type Admission = z.infer<typeof Admission>;

export function issuePasses(workers: readonly string[], now: Date) {
  const authority = createAuthority(now);
  const passes = new Map(
    workers.map((worker) => [
      worker,
      {
        schemaVersion: 1 as const,
        worker,
        token: randomBytes(32).toString('hex'),
        authority: authority.certificate,
        identity: authority.issue(worker, 'client'),
      },
    ]),
  );
  return {
    admission: {
      schemaVersion: 1,
      authority: authority.certificate,
      identity: authority.issue(coordinatorName, 'server'),
      tokens: Object.fromEntries([...passes].map(([worker, { token }]) => [worker, digestOf(token)])),
    } satisfies Admission,
    passes,
  };
}

export const isTokenOf = (token: string, digest: string) =>
  timingSafeEqual(Buffer.from(digestOf(token), 'hex'), Buffer.from(digest, 'hex'));

const digestOf = (token: string) => createHash('sha256').update(token).digest('hex');

/** @param where source of the text, for messages @throws AppError worker-refused */
export function parsePass(text: string, where: string): Pass {
  return parse(Pass, text, where, 'the pass of a worker');
}

/** @throws AppError worker-refused */
export function parseAdmission(text: string, where: string): Admission {
  return parse(Admission, text, where, 'what a coordinator keeps of the passes');
}

function parse<Value>(schema: z.ZodType<Value>, text: string, where: string, what: string): Value {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    // Do not use the parser's message, which would quote secrets.
    throw new AppError('worker-refused', `${where} is not ${what}`, {
      cause,
      hint: '`plimsoll worker manifests` writes both for workers that connect by themselves; the others get theirs from `plimsoll run`',
    });
  }
}

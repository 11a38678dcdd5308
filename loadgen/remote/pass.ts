// Defines a worker's pass: the coordinator's address and certificate, and a single-use token.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { createAuthority } from './certificate.ts';

/** The name in the coordinator's certificate, whatever address it is reached by. */
export const coordinatorName = 'coordinator.plimsoll';

const TlsIdentity = z.strictObject({ certificate: z.string(), key: z.string() });

export const Pass = z.strictObject({
  schemaVersion: z.literal(1),
  worker: z.string().min(1),
  connect: z.strictObject({ host: z.string().min(1), port: z.number().int().min(1).max(65_535) }),
  token: z.string().min(32),
  /** PEM of the authority of the run. */
  authority: z.string(),
  identity: TlsIdentity,
});
export type Pass = z.infer<typeof Pass>;

/** What the coordinator keeps of the passes: no token, only by what to know it again. */
export const Admission = z.strictObject({
  schemaVersion: z.literal(1),
  authority: z.string(),
  identity: TlsIdentity,
  /** SHA-256 of the token of each worker, in hex. */
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

/** @param where the text comes from, for people @throws AppError worker-refused */
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
    // Not the parser's words: they would quote what is secret.
    throw new AppError('worker-refused', `${where} is not ${what}`, {
      cause,
      hint: '`plimsoll worker manifests` writes both for workers that connect by themselves; the others get theirs from `plimsoll run`',
    });
  }
}

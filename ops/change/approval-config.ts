// Defines `changes.approval`: who may approve a change and how long an approval is valid.

import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { Duration } from '../../core/text/quantity.ts';
import { seconds } from '../../core/clock.ts';

const Name = z.string().min(1).max(249);

const PublicKey = z
  .string()
  .refine(isEd25519, 'expected the public key that `plimsoll ops approve --new-key FILE` prints: Ed25519, base64')
  .describe('Ed25519 public key, as printed by `plimsoll ops approve --new-key FILE`');

function isEd25519(text: string): boolean {
  try {
    return readPublicKey(text).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}

/** @param text SubjectPublicKeyInfo (DER) in base64 */
export const readPublicKey = (text: string): KeyObject =>
  createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });

const Approver = z.strictObject({
  publicKey: PublicKey,
  users: z
    .array(Name)
    .default([])
    .describe('further operating system users of the approver; none of them can execute what they approved'),
});

export const ApprovalConfig = z
  .strictObject({
    required: z.boolean().default(true).describe('refuse --execute without a valid approval'),
    approvers: z
      .record(Name, Approver)
      .refine((approvers) => Object.keys(approvers).length > 0, 'name at least one approver')
      .describe('by name'),
    validFor: Duration.default(seconds(86_400)).describe('validity of an approval'),
  })
  .describe('a second person approves each change before it is executed');
export type ApprovalConfig = z.output<typeof ApprovalConfig>;

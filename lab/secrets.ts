// Writes the secrets of a lab to files that only its user can read.

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const secretsFolder = (directory: string) => join(directory, 'secrets');

export type LabSecret = ReturnType<typeof newSecret>;

/** Makes the folder for what else is secret. */
export function prepareSecrets(directory: string): void {
  mkdirSync(secretsFolder(directory), { recursive: true, mode: 0o700 });
}

/** @returns a random one, written down; `reference` as a config refers to it */
export function newSecret(directory: string, name: string) {
  const text = randomBytes(12).toString('hex');
  const path = join(secretsFolder(directory), name);
  writeFileSync(path, `${text}\n`, { mode: 0o600 });
  return { text, reference: fileReference(path) };
}

export const fileReference = (path: string) => `\${file:${path}}`;

// Writes the secrets of a lab to files that only its user can read.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../core/files.ts';

export const secretsFolder = (directory: string) => join(directory, 'secrets');

export type LabSecret = ReturnType<typeof newSecret>;

/** Creates the folder for other secrets. */
export function prepareSecrets(directory: string): void {
  makeFolder(secretsFolder(directory), { mode: 0o700 });
}

/** @returns a random secret stored in a file; `reference` is its notation in a config */
export function newSecret(directory: string, name: string) {
  const text = randomBytes(12).toString('hex');
  const path = join(secretsFolder(directory), name);
  writeFileSync(path, `${text}\n`, { mode: 0o600 });
  return { text, reference: fileReference(path) };
}

export const fileReference = (path: string) => `\${file:${path}}`;
